using Pellicle.Core.Errors;
using Pellicle.Models;

namespace Pellicle.Training.Configuration;

/// <summary>Checks that settings fit together. Ranges of single values are in <see cref="SettingCatalog"/>.</summary>
internal static class TrainConfigValidator
{
    /// <summary>Checks a configuration.</summary>
    /// <param name="loaded">Settings with origins.</param>
    /// <returns>All problems.</returns>
    public static IEnumerable<Problem> Check(LoadedConfig loaded) => [.. Data(loaded), .. Model(loaded), .. Encodings(loaded), .. Tuning(loaded), .. Transfer(loaded), .. PublicWeights(loaded), .. Choice(loaded), .. Privacy(loaded), .. Training(loaded)];

    private static IEnumerable<Problem> Data(LoadedConfig loaded)
    {
        if (loaded.Config.Data.Source is null)
        {
            yield return new Problem("--data", "no data were given.", "Give --data SRC, such as folder:DIR, csv:FILE, npz:FILE, idx:ZIP, pack:ZIP, encoded:DIR or synth:dermoscopy.");
        }
    }

    private static IEnumerable<Problem> Model(LoadedConfig loaded)
    {
        string name = loaded.Config.Model.Name;
        if (!ModelCatalog.Names.Contains(name))
        {
            string known = string.Join(", ", ModelCatalog.Names.Order(StringComparer.Ordinal));
            string? near = NearestName.Find(name, ModelCatalog.Names);
            yield return new Problem(Place(loaded, "model.name"), $"{Spelled(loaded, "model.name")} is '{name}'; expected one of {known}.", near is null ? "" : $"Did you mean {near}?");
        }
        else if (!ModelCatalog.HasScattering(name))
        {
            foreach (string key in new[] { "model.scatteringScales", "model.scatteringAngles" }.Where(key => SettingCatalog.Find(key)!.TextOf(loaded.Config) is not null))
            {
                yield return new Problem(Place(loaded, key), $"{Spelled(loaded, key)} is {SettingCatalog.Find(key)!.TextOf(loaded.Config)}, but {name} has no wavelets.", "Add --model scatter_linear, scatter_cnn or texture_linear, or leave it out.");
            }
        }
    }

    private static IEnumerable<Problem> Encodings(LoadedConfig loaded)
    {
        ModelSection model = loaded.Config.Model;
        bool isOnEncodings = ModelCatalog.IsOnEncodings(model.Name);
        string[] keys = ["model.numLayers", "model.numHeads", "model.dropout", "model.tokenPositions", "model.sourceTokens", "model.encodeTrainable", "data.encodeWith"];
        foreach (string key in keys.Where(key => !isOnEncodings && IsChanged(loaded, key)))
        {
            yield return new Problem(Place(loaded, key), $"{Spelled(loaded, key)} is {SettingCatalog.Find(key)!.TextOf(loaded.Config)}, but {model.Name} works on pictures.", "Add --model vit_encoded or deepvit_encoded, or leave it out.");
        }

        foreach (string key in new[] { "model.encoderDepth", "model.encoderPatch", "model.encoderHidden", "model.encoderShuffle" }.Where(key => !model.EncodeTrainable && IsChanged(loaded, key)))
        {
            yield return new Problem(Place(loaded, key), $"{Spelled(loaded, key)} is {SettingCatalog.Find(key)!.TextOf(loaded.Config)}, but no encoder is trained.", "Add --encode-trainable, or leave it out; a secret encoder has the sizes of its key.");
        }

        if (model.EncodeTrainable && loaded.Config.Data.EncodeWith is not null)
        {
            yield return new Problem(Place(loaded, "model.encodeTrainable"), $"{Spelled(loaded, "model.encodeTrainable")} and {Spelled(loaded, "data.encodeWith")} contradict each other: the encoder is trained, or it is secret and fixed.", "Leave one of them out.");
        }
    }

    private static IEnumerable<Problem> Tuning(LoadedConfig loaded)
    {
        TrainSection train = loaded.Config.Train;
        if (!loaded.Config.Privacy.NonPrivate)
        {
            foreach (string key in new[] { "train.classBalance", "train.sourceBalance", "train.keepBest" }.Where(key => IsChanged(loaded, key)))
            {
                yield return new Problem(Place(loaded, key), $"{Spelled(loaded, key)} is for ordinary training: the guarantee covers neither sampling by label nor choices by validation data.", "Leave it out, or add --non-private.");
            }

            if (train.Schedule == ScheduleChoice.Plateau)
            {
                yield return new Problem(Place(loaded, "train.schedule"), $"{Spelled(loaded, "train.schedule")} is plateau: the rate would follow private validation data, which the guarantee does not cover.", "Use another --schedule, or add --non-private.");
            }
        }

        bool isTuned = train.KeepBest || train.Schedule == ScheduleChoice.Plateau;
        foreach (string key in new[] { "train.patience", "train.plateauFactor" }.Where(key => train.Schedule != ScheduleChoice.Plateau && IsChanged(loaded, key)).Concat(new[] { "train.tuningMetric" }.Where(key => !isTuned && IsChanged(loaded, key))))
        {
            yield return new Problem(Place(loaded, key), $"{Spelled(loaded, key)} is {SettingCatalog.Find(key)!.TextOf(loaded.Config)}, but nothing goes by it.", "Add --schedule plateau (or --keep-best for the metric), or leave it out.");
        }

        if (train is { KeepBest: true, Ema: not null })
        {
            yield return new Problem(Place(loaded, "train.keepBest"), $"{Spelled(loaded, "train.keepBest")} and {Spelled(loaded, "train.ema")} both choose the model.", "Leave one of them out.");
        }
    }

    private static bool IsChanged(LoadedConfig loaded, string key) => SettingCatalog.Find(key)!.TextOf(loaded.Config) != SettingCatalog.Find(key)!.TextOf(new TrainConfig());

    private static IEnumerable<Problem> Transfer(LoadedConfig loaded)
    {
        ModelSection model = loaded.Config.Model;
        if (model.LoraRank is { } rank && model.TrainOnly != TrainedPart.Lora)
        {
            yield return new Problem(Place(loaded, "model.loraRank"), $"{Spelled(loaded, "model.loraRank")} is {rank}, but no low-rank pairs are trained.", "Add --train-only lora, or leave it out.");
        }
    }

    private static IEnumerable<Problem> PublicWeights(LoadedConfig loaded)
    {
        if (loaded.Config.Model is { WeightsArePublic: true, Weights: null })
        {
            yield return new Problem(Place(loaded, "model.weightsArePublic"), $"{Spelled(loaded, "model.weightsArePublic")} is given, but no initial weights are named.", "Add --weights FILE, or leave it out.");
        }
    }

    private static IEnumerable<Problem> Choice(LoadedConfig loaded)
    {
        PrivacySection privacy = loaded.Config.Privacy;
        string[] chosen =
        [
            .. Named(privacy.TargetEpsilon is not null, loaded, "privacy.targetEpsilon"),
            .. Named(privacy.NoiseMultiplier is not null, loaded, "privacy.noiseMultiplier"),
            .. Named(privacy.NonPrivate, loaded, "privacy.nonPrivate"),
        ];
        if (chosen.Length == 0 && !new[] { "privacy.targetEpsilon", "privacy.noiseMultiplier", "privacy.nonPrivate" }.Any(key => loaded.Origins[key].IsRejected))
        {
            yield return new Problem(
                "privacy",
                "no privacy choice was made; expected one of --target-epsilon, --noise-multiplier and --non-private.",
                "--target-epsilon 3 finds the noise for that epsilon; --noise-multiplier 1.1 sets the noise and reports the epsilon; --non-private trains without differential privacy.");
        }
        else if (chosen.Length > 1)
        {
            yield return new Problem("privacy", $"{string.Join(" and ", chosen)} contradict each other; expected one of them.", "To bound what a fixed noise spends, combine --noise-multiplier with --max-epsilon.");
        }

        if (privacy.NoiseMultiplier == 0)
        {
            yield return new Problem(
                Place(loaded, "privacy.noiseMultiplier"),
                $"{Spelled(loaded, "privacy.noiseMultiplier")} is 0.00, which gives no privacy (epsilon is infinite).",
                "Expected a value above 0, or --non-private to train without differential privacy.");
        }
    }

    private static IEnumerable<Problem> Privacy(LoadedConfig loaded)
    {
        PrivacySection privacy = loaded.Config.Privacy;
        if (privacy.TargetEpsilon > privacy.MaxEpsilon)
        {
            yield return new Problem(
                Place(loaded, "privacy.maxEpsilon"),
                $"{Spelled(loaded, "privacy.maxEpsilon")} is {privacy.MaxEpsilon}, below the target epsilon {privacy.TargetEpsilon}; expected at least the target.",
                "Lower --target-epsilon, or leave --max-epsilon out: the target is the limit then.");
        }

        if (privacy.Orders.Count > 0 && privacy.Accountant != AccountantChoice.Rdp)
        {
            yield return new Problem(Place(loaded, "privacy.orders"), $"{Spelled(loaded, "privacy.orders")} is given, but the accountant is prv, which has no orders.", "Add --accountant rdp, or leave the orders out.");
        }

        if (privacy.Unit == UnitChoice.Image && IsGiven(loaded, "privacy.maxImagesPerUnit") && privacy.MaxImagesPerUnit != new PrivacySection().MaxImagesPerUnit)
        {
            yield return new Problem(Place(loaded, "privacy.maxImagesPerUnit"), $"{Spelled(loaded, "privacy.maxImagesPerUnit")} is {privacy.MaxImagesPerUnit}, but the unit is one image.", "Add --unit patient, or leave it out.");
        }

        if (privacy.Clipping != ClippingChoice.Adaptive)
        {
            foreach (string key in new[] { "privacy.adaptiveQuantile", "privacy.adaptiveLearningRate", "privacy.adaptiveCountNoise", "privacy.adaptivePerLayer" })
            {
                if (SettingCatalog.Find(key)!.TextOf(loaded.Config) != SettingCatalog.Find(key)!.TextOf(new TrainConfig()))
                {
                    yield return new Problem(Place(loaded, key), $"{Spelled(loaded, key)} is given, but clipping is {SettingCatalog.Find("privacy.clipping")!.TextOf(loaded.Config)}.", "Add --clipping adaptive, or leave it out.");
                }
            }
        }
        else if (privacy.ClipSchedule != new PrivacySection().ClipSchedule)
        {
            yield return new Problem(Place(loaded, "privacy.clipSchedule"), $"{Spelled(loaded, "privacy.clipSchedule")} is {privacy.ClipSchedule}, but the bound is adaptive.", "Leave it out, or use --clipping flat.");
        }

        if (privacy is { Sampling: SamplingChoice.FixedSize, Accountant: AccountantChoice.Prv, NonPrivate: false })
        {
            yield return new Problem(Place(loaded, "privacy.sampling"), $"{Spelled(loaded, "privacy.sampling")} is fixed-size, which the prv accountant cannot analyse; expected the rdp accountant with it.", "Add --accountant rdp, or use --sampling poisson.");
        }

        if (privacy.Sampling == SamplingChoice.Full && loaded.Origins["train.batch"].Layer == SettingLayer.Option)
        {
            yield return new Problem(Place(loaded, "train.batch"), $"{Spelled(loaded, "train.batch")} is {loaded.Config.Train.Batch}, but full batches take all units in every step.", "Leave --batch out, or use --sampling poisson.");
        }

        if (privacy is { NonPrivate: true, Sampling: not SamplingChoice.Poisson })
        {
            yield return new Problem(Place(loaded, "privacy.sampling"), $"{Spelled(loaded, "privacy.sampling")} is {SettingCatalog.Find("privacy.sampling")!.TextOf(loaded.Config)}, but the run is not private: ordinary training shuffles.", "Leave it out, or replace --non-private by --target-epsilon or --noise-multiplier.");
        }

        if (privacy.NonPrivate)
        {
            foreach (string key in new[] { "privacy.n", "privacy.maxEpsilon", "privacy.insecureSeed", "privacy.spent" })
            {
                if (SettingCatalog.Find(key)!.TextOf(loaded.Config) is { } value)
                {
                    yield return new Problem(Place(loaded, key), $"{Spelled(loaded, key)} is {value}, but the run is not private.", "Leave it out, or replace --non-private by --target-epsilon or --noise-multiplier.");
                }
            }
        }
    }

    private static IEnumerable<Problem> Training(LoadedConfig loaded)
    {
        TrainSection train = loaded.Config.Train;
        if (train is { Epochs: null, Steps: null })
        {
            yield return new Problem("train", "neither epochs nor steps are set.", "Give --epochs or --steps.");
        }

        if (train is { Epochs: not null, Steps: not null })
        {
            yield return new Problem("train", "epochs and steps are both set; expected one of them.", "Leave --epochs or --steps out.");
        }

        if (train.Momentum > 0 && train.Optimizer is not (OptimizerChoice.Sgd or OptimizerChoice.Rmsprop))
        {
            yield return new Problem(Place(loaded, "train.momentum"), $"{Spelled(loaded, "train.momentum")} is {train.Momentum}, but the optimizer {SettingCatalog.Find("train.optimizer")!.TextOf(loaded.Config)} has no momentum of that kind.", "Use --optimizer sgd or rmsprop, or leave it out.");
        }

        if (train.Nesterov && (train.Optimizer != OptimizerChoice.Sgd || train.Momentum == 0))
        {
            yield return new Problem(Place(loaded, "train.nesterov"), $"{Spelled(loaded, "train.nesterov")} needs --optimizer sgd and --momentum above 0.", "Give both, or leave it out.");
        }

        if (train.AugmentMultiplicity > 1 && train.Augment is "none" or "")
        {
            yield return new Problem(Place(loaded, "train.augmentMultiplicity"), $"{Spelled(loaded, "train.augmentMultiplicity")} is {train.AugmentMultiplicity}, but nothing changes the views: they would all be equal.", "Add --augment flip,shift for example, or leave it out.");
        }

        if (train.Warmup > 0 && train.Schedule == ScheduleChoice.OneCycle)
        {
            yield return new Problem(Place(loaded, "train.warmup"), $"{Spelled(loaded, "train.warmup")} is {train.Warmup}, but the one-cycle schedule has a rise of its own.", "Leave it out, or use another --schedule.");
        }

        if (train.Warmup >= train.Steps)
        {
            yield return new Problem(Place(loaded, "train.warmup"), $"{Spelled(loaded, "train.warmup")} is {train.Warmup}; expected fewer than the {train.Steps} steps of the run.", "Lower --warmup or raise --steps.");
        }
    }

    private static string[] Named(bool isChosen, LoadedConfig loaded, string key) =>
        isChosen ? [loaded.Origins[key] is { Layer: SettingLayer.Option } ? Spelled(loaded, key) : $"{key} ({loaded.Origins[key].Text})"] : [];

    private static bool IsGiven(LoadedConfig loaded, string key) => loaded.Origins[key].Layer != SettingLayer.BuiltIn;

    private static string Place(LoadedConfig loaded, string key) => loaded.Origins[key].Text;

    // As the user wrote it: the option, or the key of a file or variable.
    private static string Spelled(LoadedConfig loaded, string key) => loaded.Origins[key].Text == SettingCatalog.Find(key)!.Option ? loaded.Origins[key].Text : key;
}
