using Pellicle.Data;
using Pellicle.Models;
using Pellicle.Nn;
using Pellicle.Privacy.Plan;

namespace Pellicle.Training.Configuration;

/// <summary>All settings of a training run. To add one: a property in its section, and a line here; file, variables, option, help and <c>config.yaml</c> follow.</summary>
public static class SettingCatalog
{
    private const int Million = 1_000_000;

    private static readonly SettingValue<string> AnyText = SettingValue.Text();
    private static readonly SettingValue<string> Schedule = SettingValue.Text("constant, exponential:G, step:G:EPOCHS or table:F1,F2,… with factors above 0", text => StepSchedule.TryParse(text, out _));
    private static readonly SettingValue<double> Positive = SettingValue.Number("a number above 0", v => v > 0);
    private static readonly SettingValue<double> FromZero = SettingValue.Number("a number, at least 0", v => v >= 0);

    /// <summary>All settings, in the order of help and <c>config.yaml</c>.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        Data("source", "--data", "SRC", "images: a path, or folder:DIR csv:FILE npz:FILE idx:ZIP pack:ZIP dicom:DIR json:FILE prepared:DIR encoded:DIR synth:KIND", SettingValue.OrNothing(AnyText), d => d.Source, (d, v) => d with { Source = v }),
        Data("image", "--image-column", "NAME", "CSV column with the image file", SettingValue.OrNothing(AnyText), d => d.Image, (d, v) => d with { Image = v }),
        Data("label", "--label-column", "NAME", "CSV column with the class", SettingValue.OrNothing(AnyText), d => d.Label, (d, v) => d with { Label = v }),
        Data("patient", "--patient-column", "NAME", "CSV column with the patient; splits keep patients together", SettingValue.OrNothing(AnyText), d => d.Patient, (d, v) => d with { Patient = v }),
        Data("attributes", "--attribute-columns", "LIST", "columns kept for metrics by group, such as sex,age", SettingValue.List(AnyText), d => d.Attributes, (d, v) => d with { Attributes = v }),
        Data("split", "--split", "A/B/C", "percent train/validation/test if the source has no split", SettingValue.Text("three whole percentages that add up to 100, such as 80/10/10", IsSplit), d => d.Split, (d, v) => d with { Split = v }),
        Data("validationShare", "--validation-share", "P", "share of the training patients set aside for validation if the source's own split has none", SettingValue.Number("a number, at least 0 and below 1", v => v is >= 0 and < 1), d => d.ValidationShare, (d, v) => d with { ValidationShare = v }),
        Data("limit", "--limit", "N", "use at most N images", SettingValue.OrNothing(SettingValue.Whole(1, int.MaxValue)), d => d.Limit, (d, v) => d with { Limit = v }),
        Data("imageRoot", "--image-root", "DIR", "folder that image names of csv: and json: are relative to", SettingValue.OrNothing(AnyText), d => d.ImageRoot, (d, v) => d with { ImageRoot = v }),
        Data("window", "--window", "W", "DICOM values shown from black to white: auto, full or CENTRE,WIDTH", SettingValue.Text("auto, full, or CENTRE,WIDTH with a width of at least 1, such as 40,400", DicomWindow.IsValid), d => d.Window, (d, v) => d with { Window = v }),
        Data("encodeWith", "--encode-with", "KEY", "encode the pictures with this key while training (networks on encodings)", SettingValue.OrNothing(AnyText), d => d.EncodeWith, (d, v) => d with { EncodeWith = v }),
        Data("retest", "--retest", "LIST", "evaluate the model on the test split of further sources, each NAME=SRC", SettingValue.List(SettingValue.Text("NAME=SRC", text => text.IndexOf('=', StringComparison.Ordinal) is > 0 and var at && at < text.Length - 1)), d => d.Retest, (d, v) => d with { Retest = v }),
        Data("loaderThreads", "--loader-threads", "N", "threads that decode images", SettingValue.OrNothing(SettingValue.Whole(1, 1024)), d => d.LoaderThreads, (d, v) => d with { LoaderThreads = v }),

        Model("name", "--model", "NAME", "cnn_mnist, cnn_small, scatter_linear, scatter_cnn, texture_linear, resnet18, resnet18_gn, resnet18_gn_ws, skin_fast, skin_vgg, vit_tiny, vit_small, vit_base; on encodings vit_encoded or deepvit_encoded", AnyText, m => m.Name, (m, v) => m with { Name = v }),
        Model("weights", "--weights", "FILE", "initial weights: safetensors with torchvision or timm names, or an earlier run", SettingValue.OrNothing(AnyText), m => m.Weights, (m, v) => m with { Weights = v }),
        Model("weightsArePublic", "--weights-are-public", null, "declare that these weights were trained on public data only; recorded in the statement", SettingValue.Flag, m => m.WeightsArePublic, (m, v) => m with { WeightsArePublic = v }),
        Model("imageSize", "--image-size", "S", "side of the input in pixels", SettingValue.OrNothing(SettingValue.Whole(8, 1024)), m => m.ImageSize, (m, v) => m with { ImageSize = v }),
        Model("scatteringScales", "--scattering-scales", "J", "scales of the wavelets of scatter_linear and scatter_cnn (2 if not given) and texture_linear (3)", SettingValue.OrNothing(SettingValue.Whole(1, ScatteringTransform.MostScales)), m => m.ScatteringScales, (m, v) => m with { ScatteringScales = v }),
        Model("scatteringAngles", "--scattering-angles", "L", "directions of these wavelets; 8 if not given", SettingValue.OrNothing(SettingValue.Whole(1, ScatteringTransform.MostAngles)), m => m.ScatteringAngles, (m, v) => m with { ScatteringAngles = v }),
        Model("publicData", "--public-data", "SRC", "public images, such as synth:dermoscopy,images=2000, whose statistics scale the features of texture_linear", SettingValue.OrNothing(AnyText), m => m.PublicData, (m, v) => m with { PublicData = v }),
        Model("trainOnly", "--train-only", "PART", "all, head, bias (and head) or lora (and head); the rest is frozen", SettingValue.Choice<TrainedPart>(), m => m.TrainOnly, (m, v) => m with { TrainOnly = v }),
        Model("loraRank", "--lora-rank", "R", "rank of the pairs of --train-only lora; 8 if not given", SettingValue.OrNothing(SettingValue.Whole(1, 1024)), m => m.LoraRank, (m, v) => m with { LoraRank = v }),
        Model("freeze", "--freeze", "LIST", "layers, by path prefix, that are not trained", SettingValue.List(AnyText), m => m.Freeze, (m, v) => m with { Freeze = v }),
        Model("replaceBatchNorm", "--replace-batch-norm", "KIND", "what takes the place of batch normalisation: none, group (normalisation), fixed (stored statistics)", SettingValue.Choice<BatchNormReplacement>(), m => m.ReplaceBatchNorm, (m, v) => m with { ReplaceBatchNorm = v }),
        Model("numLayers", "--num-layers", "N", "blocks of vit_encoded (2 if not given) and deepvit_encoded (3)", SettingValue.OrNothing(SettingValue.Whole(1, 64)), m => m.NumLayers, (m, v) => m with { NumLayers = v }),
        Model("numHeads", "--num-heads", "N", "their attention heads; 8 if not given", SettingValue.OrNothing(SettingValue.Whole(1, 64)), m => m.NumHeads, (m, v) => m with { NumHeads = v }),
        Model("dropout", "--dropout", "P", "share of values they drop in training", SettingValue.Number("a number, at least 0 and below 1", v => v is >= 0 and < 1), m => m.Dropout, (m, v) => m with { Dropout = v }),
        Model("tokenPositions", "--token-positions", null, "a learned position for each token; useless where patches are shuffled, always there for the linear control", SettingValue.Flag, m => m.TokenPositions, (m, v) => m with { TokenPositions = v }),
        Model("sourceTokens", "--source-tokens", null, "a learned token for each hospital of merged releases", SettingValue.Flag, m => m.SourceTokens, (m, v) => m with { SourceTokens = v }),
        Model("encodeTrainable", "--encode-trainable", null, "plain baseline on pictures: an encoder with trained weights in front of the network", SettingValue.Flag, m => m.EncodeTrainable, (m, v) => m with { EncodeTrainable = v }),
        Model("encoderDepth", "--encoder-depth", "D", "layers of that encoder", SettingValue.Whole(0, 64), m => m.EncoderDepth, (m, v) => m with { EncoderDepth = v }),
        Model("encoderPatch", "--encoder-patch", "K", "side of its patches in pixels", SettingValue.Whole(1, 256), m => m.EncoderPatch, (m, v) => m with { EncoderPatch = v }),
        Model("encoderHidden", "--encoder-hidden", "N", "numbers of its tokens", SettingValue.Whole(1, 16384), m => m.EncoderHidden, (m, v) => m with { EncoderHidden = v }),
        Model("encoderShuffle", "--encoder-shuffle", null, "it puts tokens into a random order while training", SettingValue.Flag, m => m.EncoderShuffle, (m, v) => m with { EncoderShuffle = v }),

        Privacy("targetEpsilon", "--target-epsilon", "E", "find the noise that spends at most E", SettingValue.OrNothing(Positive), p => p.TargetEpsilon, (p, v) => p with { TargetEpsilon = v }),
        Privacy("noiseMultiplier", "--noise-multiplier", "S", "noise over the clipping bound, instead of --target-epsilon", SettingValue.OrNothing(FromZero), p => p.NoiseMultiplier, (p, v) => p with { NoiseMultiplier = v }),
        Privacy("nonPrivate", "--non-private", null, "train without differential privacy", SettingValue.Flag, p => p.NonPrivate, (p, v) => p with { NonPrivate = v }),
        Privacy("n", "--n", "N", "units of the training split if their number is public; counted otherwise, and then not covered", SettingValue.OrNothing(SettingValue.WholeLong(1, int.MaxValue)), p => p.N, (p, v) => p with { N = v }),
        Privacy("delta", "--delta", "D", "delta of the guarantee", SettingValue.Number("a number above 0 and below 1", v => v is > 0 and < 1), p => p.Delta, (p, v) => p with { Delta = v }),
        Privacy("maxGradNorm", "--max-grad-norm", "C", "bound on the L2 norm of one unit's gradient", Positive, p => p.MaxGradNorm, (p, v) => p with { MaxGradNorm = v }),
        Privacy("clipping", "--clipping", "KIND", "flat, per-layer, automatic or adaptive", SettingValue.Choice<ClippingChoice>(), p => p.Clipping, (p, v) => p with { Clipping = v }),
        Privacy("adaptiveQuantile", "--adaptive-quantile", "P", "adaptive clipping: wanted share of units within the bound", SettingValue.Number("a number above 0 and below 1", v => v is > 0 and < 1), p => p.AdaptiveQuantile, (p, v) => p with { AdaptiveQuantile = v }),
        Privacy("adaptiveLearningRate", "--adaptive-learning-rate", "R", "adaptive clipping: how fast the bound moves", Positive, p => p.AdaptiveLearningRate, (p, v) => p with { AdaptiveLearningRate = v }),
        Privacy("adaptiveCountNoise", "--adaptive-count-noise", "S", "adaptive clipping: noise on each count; its cost is charged", SettingValue.OrNothing(Positive, "auto"), p => p.AdaptiveCountNoise, (p, v) => p with { AdaptiveCountNoise = v }),
        Privacy("adaptivePerLayer", "--adaptive-per-layer", null, "adaptive clipping: one bound and one count per layer, all charged", SettingValue.Flag, p => p.AdaptivePerLayer, (p, v) => p with { AdaptivePerLayer = v }),
        Privacy("noiseSchedule", "--noise-schedule", "KIND", "noise over the epochs: constant, exponential:G, step:G:EPOCHS or table:F1,F2,…", Schedule, p => p.NoiseSchedule, (p, v) => p with { NoiseSchedule = v }),
        Privacy("clipSchedule", "--clip-schedule", "KIND", "clipping bound over the epochs, likewise", Schedule, p => p.ClipSchedule, (p, v) => p with { ClipSchedule = v }),
        Privacy("spent", "--spent", "RUNS", "earlier runs on the same data, whose budget is added", SettingValue.List(AnyText), p => p.Spent, (p, v) => p with { Spent = v }),
        Privacy("unit", "--unit", "UNIT", "whose presence is hidden: image or patient", SettingValue.Choice<UnitChoice>(), p => p.Unit, (p, v) => p with { Unit = v }),
        Privacy("maxImagesPerUnit", "--max-images-per-unit", "M", "most images of one patient in one step", SettingValue.Whole(1, 1024), p => p.MaxImagesPerUnit, (p, v) => p with { MaxImagesPerUnit = v }),
        Privacy("sampling", "--sampling", "KIND", "how a step draws its units: poisson, fixed-size (rdp only), shuffled (no amplification) or full", SettingValue.Choice<SamplingChoice>(), p => p.Sampling, (p, v) => p with { Sampling = v }),
        Privacy("accountant", "--accountant", "NAME", "prv or rdp", SettingValue.Choice<AccountantChoice>(), p => p.Accountant, (p, v) => p with { Accountant = v }),
        Privacy("orders", "--orders", "LIST", "orders of the RDP accountant, such as 2..31 or 1.1..10.9:0.1,12..63", SettingValue.List(SettingValue.Number("an order above 1", v => v > 1), OrderRange.Expand), p => p.Orders, (p, v) => p with { Orders = v }),
        Privacy("maxEpsilon", "--max-epsilon", "E", "stop before the step that would exceed E", SettingValue.OrNothing(Positive), p => p.MaxEpsilon, (p, v) => p with { MaxEpsilon = v }),
        Privacy("nonfinite", "--nonfinite", "WHAT", "gradients that are not finite: stop or zero", SettingValue.Choice<NonfiniteChoice>(), p => p.Nonfinite, (p, v) => p with { Nonfinite = v }),
        Privacy("insecureSeed", "--insecure-seed", "N", "reproducible noise, for tests only: gives no privacy", SettingValue.OrNothing(SettingValue.Seed), p => p.InsecureSeed, (p, v) => p with { InsecureSeed = v }),
        Privacy("acceptUnaccountedTuning", "--accept-unaccounted-tuning", null, "allow choices by private validation data; recorded as not covered", SettingValue.Flag, p => p.AcceptUnaccountedTuning, (p, v) => p with { AcceptUnaccountedTuning = v }),

        Train("batch", "--batch", "L", "expected (logical) batch size in units", SettingValue.Whole(1, 100 * Million), t => t.Batch, (t, v) => t with { Batch = v }),
        Train("physicalBatch", "--physical-batch", "B", "images computed at once, or auto; never affects privacy", SettingValue.OrNothing(SettingValue.Whole(1, Million), "auto"), t => t.PhysicalBatch, (t, v) => t with { PhysicalBatch = v }),
        Train("featureCache", "--feature-cache", "MIB", "memory for features that a frozen part gives, computed once: auto, or MiB (0 computes them in every step); never affects privacy", SettingValue.OrNothing(SettingValue.Whole(0, Million), "auto"), t => t.FeatureCache, (t, v) => t with { FeatureCache = v }),
        Train("epochs", "--epochs", "N", "passes over the data", SettingValue.OrNothing(SettingValue.Number("a number above 0, at most 1000000", v => v is > 0 and <= Million)), t => t.Epochs, (t, v) => t with { Epochs = v }),
        Train("steps", "--steps", "N", "steps, instead of --epochs", SettingValue.OrNothing(SettingValue.WholeLong(1, 1000L * Million)), t => t.Steps, (t, v) => t with { Steps = v }),
        Train("precision", "--precision", "FORMAT", "operands of matrix products in training: float32, or bfloat16 (vision transformers)", SettingValue.Choice<ProductPrecision>(), t => t.Precision, (t, v) => t with { Precision = v }),
        Train("optimizer", "--optimizer", "NAME", "sgd, adam, adamw, adagrad or rmsprop", SettingValue.Choice<OptimizerChoice>(), t => t.Optimizer, (t, v) => t with { Optimizer = v }),
        Train("lr", "--lr", "R", "learning rate", Positive, t => t.Lr, (t, v) => t with { Lr = v }),
        Train("momentum", "--momentum", "M", "momentum of sgd and rmsprop", SettingValue.Number("a number, at least 0 and below 1", v => v is >= 0 and < 1), t => t.Momentum, (t, v) => t with { Momentum = v }),
        Train("nesterov", "--nesterov", null, "Nesterov's form of momentum", SettingValue.Flag, t => t.Nesterov, (t, v) => t with { Nesterov = v }),
        Train("weightDecay", "--weight-decay", "W", "weight decay, after the noise", FromZero, t => t.WeightDecay, (t, v) => t with { WeightDecay = v }),
        Train("schedule", "--schedule", "NAME", "learning rate over the steps: constant, step, cosine, one-cycle, or plateau (by --tuning-metric; ordinary training)", SettingValue.Choice<ScheduleChoice>(), t => t.Schedule, (t, v) => t with { Schedule = v }),
        Train("warmup", "--warmup", "N", "steps over which the learning rate rises at the start", SettingValue.WholeLong(0, 1000L * Million), t => t.Warmup, (t, v) => t with { Warmup = v }),
        Train("classWeights", "--class-weights", "LIST", "public weights of the classes in the loss, in class order", SettingValue.List(Positive), t => t.ClassWeights, (t, v) => t with { ClassWeights = v }),
        Train("classBalance", "--class-balance", null, "draw classes equally often, with replacement (ordinary training)", SettingValue.Flag, t => t.ClassBalance, (t, v) => t with { ClassBalance = v }),
        Train("sourceBalance", "--source-balance", null, "draw the hospitals of merged releases equally often (ordinary training)", SettingValue.Flag, t => t.SourceBalance, (t, v) => t with { SourceBalance = v }),
        Train("tuningMetric", "--tuning-metric", "M", "loss, auc, accuracy, balanced-accuracy or macro-f1 of the validation split", SettingValue.Choice<TuningMetric>(), t => t.TuningMetric, (t, v) => t with { TuningMetric = v }),
        Train("keepBest", "--keep-best", null, "the model is that of the best epoch by --tuning-metric (ordinary training)", SettingValue.Flag, t => t.KeepBest, (t, v) => t with { KeepBest = v }),
        Train("patience", "--patience", "N", "plateau: epochs without a gain before the rate falls", SettingValue.Whole(1, 100_000), t => t.Patience, (t, v) => t with { Patience = v }),
        Train("plateauFactor", "--plateau-factor", "F", "plateau: factor on the rate", SettingValue.Number("a number above 0 and below 1", v => v is > 0 and < 1), t => t.PlateauFactor, (t, v) => t with { PlateauFactor = v }),
        Train("augment", "--augment", "LIST", "none, or any of flip,shift,rotate,crop,color", AnyText, t => t.Augment, (t, v) => t with { Augment = v }),
        Train("augmentMultiplicity", "--augment-multiplicity", "K", "augmented views of an image, averaged inside its gradient; costs no privacy", SettingValue.Whole(1, 1024), t => t.AugmentMultiplicity, (t, v) => t with { AugmentMultiplicity = v }),
        Train("ema", "--ema", "D", "the model is a moving average of the parameters with this decay, such as 0.999; costs no privacy", SettingValue.OrNothing(SettingValue.Number("a number, at least 0 and below 1", v => v is >= 0 and < 1)), t => t.Ema, (t, v) => t with { Ema = v }),

        Obfuscate("attributes", "--private-attribute", "LIST", "columns to hide, such as sex; numbers with the edges of their groups, such as age:60", SettingValue.List(AnyText), o => o.Attributes, (o, v) => o with { Attributes = v }),
        Obfuscate("task", "--task", "COLUMN", "column that must stay readable; the label if not given", SettingValue.OrNothing(AnyText), o => o.Task, (o, v) => o with { Task = v }),
        Obfuscate("system", "--system", "NAME", "default, or for comparison the reference's retina, xray or simclr", SettingValue.Choice<ObfuscationSystem>(), o => o.System, (o, v) => o with { System = v }),
        Obfuscate("family", "--family", "NAME", "additive, flow or chain (flow, then additive)", SettingValue.Choice<GeneratorFamily>(), o => o.Family, (o, v) => o with { Family = v }),
        Obfuscate("mode", "--mode", "NAME", "default, or parity with the reference's rules of perturbation", SettingValue.Choice<GeneratorMode>(), o => o.Mode, (o, v) => o with { Mode = v }),
        Obfuscate("budget", "--budget", "B", "largest change in pixel-range units, 0 to 1", Positive, o => o.Budget, (o, v) => o with { Budget = v }),
        Obfuscate("norm", "--norm", "LIST", "what the budget bounds: mean-abs, l2 or linf, or two of them", SettingValue.List(SettingValue.Choice<BudgetNorm>()), o => o.Norm, (o, v) => o with { Norm = v }),
        Obfuscate("blocks", "--blocks", "N", "residual blocks", SettingValue.Whole(0, 5), o => o.Blocks, (o, v) => o with { Blocks = v }),
        Obfuscate("activation", "--activation", "NAME", "relu or leaky-relu", SettingValue.Choice<GeneratorActivation>(), o => o.Activation, (o, v) => o with { Activation = v }),
        Obfuscate("widths", "--widths", "LIST", "channels of the three stages of the generator", SettingValue.List(SettingValue.Whole(1, 1024)), o => o.Widths, (o, v) => o with { Widths = v }),
        Obfuscate("clamp", "--clamp", null, "parity mode: clip to 0..1 (the default mode always does)", SettingValue.Flag, o => o.Clamp, (o, v) => o with { Clamp = v }),
        Obfuscate("frequencyDomain", "--frequency", null, "the network works on DCT coefficients", SettingValue.Flag, o => o.FrequencyDomain, (o, v) => o with { FrequencyDomain = v }),
        Obfuscate("bandLimits", "--band-limits", "LOW,HIGH", "DCT orders that may change", SettingValue.List(SettingValue.Whole(0, 65535)), o => o.BandLimits, (o, v) => o with { BandLimits = v }),
        Obfuscate("downsampleTo", "--downsample", "S", "side at which the network works; the image size of training if not given", SettingValue.OrNothing(SettingValue.Whole(8, 1024)), o => o.DownsampleTo, (o, v) => o with { DownsampleTo = v }),
        Obfuscate("bitDepth", "--bit-depth", "BITS", "bits of the released samples, 8 or 16", SettingValue.Whole(8, 16), o => o.BitDepth, (o, v) => o with { BitDepth = v }),
        Obfuscate("rounds", "--rounds", "N", "rounds of attacker steps and one generator step; 0 erases only", SettingValue.Whole(0, Million), o => o.Rounds, (o, v) => o with { Rounds = v }),
        Obfuscate("attackersPerRound", "--attackers-per-round", "K", "attacker steps of a round", SettingValue.Whole(1, 100), o => o.AttackersPerRound, (o, v) => o with { AttackersPerRound = v }),
        Obfuscate("ensemble", "--ensemble", "LIST", "networks of the attackers that train along: cnn_plain, cnn_small, resnet18_gn, vit_micro, vit_tiny", SettingValue.List(AnyText), o => o.Ensemble, (o, v) => o with { Ensemble = v }),
        Obfuscate("replaceEvery", "--replace-every", "N", "rounds after which the oldest attacker is replaced by a fresh one; 0 never", SettingValue.Whole(0, Million), o => o.ReplaceEvery, (o, v) => o with { ReplaceEvery = v }),
        Obfuscate("selectionEvery", "--selection-every", "N", "rounds after which a fresh attacker judges the generator and the state is saved", SettingValue.Whole(1, Million), o => o.SelectionEvery, (o, v) => o with { SelectionEvery = v }),
        Obfuscate("batch", "--game-batch", "N", "images of a step", SettingValue.Whole(2, 4096), o => o.Batch, (o, v) => o with { Batch = v }),
        Obfuscate("learningRate", "--learning-rate", "R", "learning rate of generator and attackers", Positive, o => o.LearningRate, (o, v) => o with { LearningRate = v }),
        Obfuscate("generatorEma", "--generator-ema", "D", "decay of the moving average of the generator that is judged and kept", SettingValue.Number("a number, at least 0 and below 1", v => v is >= 0 and < 1), o => o.GeneratorEma, (o, v) => o with { GeneratorEma = v }),
        Obfuscate("coordinatePasses", "--coordinate-passes", "N", "times that places, lighting and thin structures in which attributes show are replaced by noise; 0 for none", SettingValue.Whole(0, 3), o => o.CoordinatePasses, (o, v) => o with { CoordinatePasses = v }),
        Obfuscate("spreads", "--spreads", "LIST", "candidates for the noise in all of these coordinates, in their units; fresh attackers choose", SettingValue.List(SettingValue.Number("a number, 0 to 3", v => v is >= 0 and <= 3)), o => o.Spreads, (o, v) => o with { Spreads = v }),
        Obfuscate("coarsenings", "--coarsenings", "LIST", "candidates for the loss of details: pixels along an axis that become one; fresh attackers choose", SettingValue.List(SettingValue.Whole(1, 16)), o => o.Coarsenings, (o, v) => o with { Coarsenings = v }),
        Obfuscate("pixelNoise", "--pixel-noise", "D", "deviation of the noise of every sample after the erasures; 0 for none", SettingValue.Number("a number, 0 to 0.5", v => v is >= 0 and <= 0.5), o => o.PixelNoise, (o, v) => o with { PixelNoise = v }),
        Obfuscate("erasedDirections", "--erased-directions", "N", "directions of picture space that are replaced by noise in closed form; 0 for none", SettingValue.Whole(0, 64), o => o.ErasedDirections, (o, v) => o with { ErasedDirections = v }),
        Obfuscate("erasureNoise", "--erasure-noise", "D", "noise in the place of an erased direction, in deviations of that direction", SettingValue.Number("a number, 0 to 3", v => v is >= 0 and <= 3), o => o.ErasureNoise, (o, v) => o with { ErasureNoise = v }),
        Obfuscate("learnedShare", "--learned-share", "P", "share of the budget that the networks before the erasure may use", SettingValue.Number("a number above 0, at most 1", v => v is > 0 and <= 1), o => o.LearnedShare, (o, v) => o with { LearnedShare = v }),
        Obfuscate("erasureGrid", "--erasure-grid", "S", "side of the coarse grid on which these directions are looked for", SettingValue.Whole(4, 32), o => o.ErasureGrid, (o, v) => o with { ErasureGrid = v }),
        Obfuscate("lambdaUtility", "--lambda-utility", "L", "first weight of the utility term; it moves with the measured utility", FromZero, o => o.LambdaUtility, (o, v) => o with { LambdaUtility = v }),
        Obfuscate("lambdaPrivacy", "--lambda-privacy", "L", "weight of the privacy term", FromZero, o => o.LambdaPrivacy, (o, v) => o with { LambdaPrivacy = v }),
        Obfuscate("lambdaMatching", "--lambda-matching", "L", "weight of the matching of the classes' means under random networks", FromZero, o => o.LambdaMatching, (o, v) => o with { LambdaMatching = v }),
        Obfuscate("lambdaFidelity", "--lambda-fidelity", "L", "weight of the fidelity term", FromZero, o => o.LambdaFidelity, (o, v) => o with { LambdaFidelity = v }),
        Obfuscate("lambdaDiversity", "--lambda-diversity", "L", "weight of the diversity term", FromZero, o => o.LambdaDiversity, (o, v) => o with { LambdaDiversity = v }),
        Obfuscate("diversityCap", "--diversity-cap", "D", "diversity beyond which nothing more is gained, pixel-range units", FromZero, o => o.DiversityCap, (o, v) => o with { DiversityCap = v }),
        Obfuscate("maxUtilityLoss", "--max-utility-loss", "X", "largest accepted loss of task AUC", FromZero, o => o.MaxUtilityLoss, (o, v) => o with { MaxUtilityLoss = v }),
        Obfuscate("readerEpochs", "--reader-epochs", "N", "most epochs of the networks that are trained on originals first", SettingValue.Whole(1, 1000), o => o.ReaderEpochs, (o, v) => o with { ReaderEpochs = v }),

        new Setting<ulong>("seed", "--seed", "N", "seed of initialisation, splits, augmentation, synthetic data; never of noise", SettingValue.Seed, c => c.Seed, (c, v) => c with { Seed = v }),
        new Setting<int?>("threads", "--threads", "N", "threads of numerical kernels", SettingValue.OrNothing(SettingValue.Whole(1, 1024)), c => c.Threads, (c, v) => c with { Threads = v }),
    ];

    /// <summary>Finds a setting by its key, exactly.</summary>
    /// <param name="key">Such as <c>privacy.delta</c>.</param>
    /// <returns>The setting, or null.</returns>
    public static Setting? Find(string key) => All.FirstOrDefault(s => s.Key == key);

    private static Setting<T> Data<T>(string key, string option, string? valueName, string summary, SettingValue<T> value, Func<DataSection, T> get, Func<DataSection, T, DataSection> set) =>
        new("data." + key, option, valueName, summary, value, c => get(c.Data), (c, v) => c with { Data = set(c.Data, v) });

    private static Setting<T> Model<T>(string key, string option, string? valueName, string summary, SettingValue<T> value, Func<ModelSection, T> get, Func<ModelSection, T, ModelSection> set) =>
        new("model." + key, option, valueName, summary, value, c => get(c.Model), (c, v) => c with { Model = set(c.Model, v) });

    private static Setting<T> Privacy<T>(string key, string option, string? valueName, string summary, SettingValue<T> value, Func<PrivacySection, T> get, Func<PrivacySection, T, PrivacySection> set) =>
        new("privacy." + key, option, valueName, summary, value, c => get(c.Privacy), (c, v) => c with { Privacy = set(c.Privacy, v) });

    private static Setting<T> Train<T>(string key, string option, string? valueName, string summary, SettingValue<T> value, Func<TrainSection, T> get, Func<TrainSection, T, TrainSection> set) =>
        new("train." + key, option, valueName, summary, value, c => get(c.Train), (c, v) => c with { Train = set(c.Train, v) });

    private static Setting<T> Obfuscate<T>(string key, string option, string? valueName, string summary, SettingValue<T> value, Func<ObfuscateSection, T> get, Func<ObfuscateSection, T, ObfuscateSection> set) =>
        new("obfuscate." + key, option, valueName, summary, value, c => get(c.Obfuscate), (c, v) => c with { Obfuscate = set(c.Obfuscate, v) });

    private static bool IsSplit(string text)
    {
        string[] parts = text.Split('/');
        int sum = 0;
        foreach (string part in parts)
        {
            if (!int.TryParse(part, System.Globalization.NumberStyles.None, null, out int percent) || percent > 100)
            {
                return false;
            }

            sum += percent;
        }

        return parts.Length == 3 && sum == 100;
    }
}
