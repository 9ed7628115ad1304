using Pellicle.NeuraCrypt.Attacks;
using Pellicle.NeuraCrypt.Encoders;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Tests.Attacks;

public class OtherAttackTests
{
    private static readonly EncoderArchitecture Tiny = new() { Depth = 1, PatchSize = 8, HiddenDim = 64, ImageSize = 32 };
    private static readonly AttackBudget Short = new() { Steps = 60, OwnEncoders = 2 };

    [Theory]
    [InlineData("mmd")]
    [InlineData("gan")]
    [Trait(Speed.Trait, Speed.Slow)]
    public void Attacks_by_distribution_report_their_errors_and_pass_their_control(string name)
    {
        using var trial = new AttackTrial(Tiny, 32, Short);
        EncodingMethodResult method = trial.Run([.. AttackCatalog.Make([name], 256)]).Methods[0];
        Assert.Equal(["loss", "meanToMeanMse", "overallMse/baseline", "permutationMse", "predMeanBaseline"], method.Extra.Keys.Order(StringComparer.Ordinal));
        Assert.All(method.Extra.Values, value => Assert.True(double.IsFinite(value) && value >= 0));
        Assert.NotNull(method.Keys[0].RandomBits);
        Assert.NotNull(method.AssignmentAccuracy);
    }

    [Fact]
    public void A_wider_encoder_of_the_attacker_gives_encodings_of_the_same_shape()
    {
        using var trial = new AttackTrial(Tiny, 16, Short with { Steps = 1, AttackerWidth = 3 });
        Tensor encodings = trial.Target.All();
        using TrainableEncoder own = new MmdAttack().Fit(trial.Scene, trial.Target, encodings, out _);
        Assert.Equal([64L, 192], own.Mixer.Weight.Shape);
        Assert.Equal([16L, 16, 64], own.Encode(trial.Gallery.Batches[0]).Shape);
    }

    [Fact]
    public void Encodings_kept_in_memory_are_those_that_were_read()
    {
        using var trial = new AttackTrial(Tiny, 20, Short);
        AttackTarget kept = trial.Target.InMemory();
        using Tensor first = kept.Read(1);
        Assert.Equal([4L, 16, 64], first.Shape);
        Assert.Equal(0, (first - kept.Read(1)).Abs().Maximum().Item()); // the target itself shuffles rows at every reading
        Assert.InRange((first.Mean(1) - trial.Target.Read(1).Mean(1)).Abs().Maximum().Item(), 0, 1e-5);
    }

    [Fact]
    public void Training_on_the_discrepancy_lowers_it()
    {
        using var trial = new AttackTrial(Tiny, 32, Short with { Steps = 1 });
        using var longer = new AttackScene(trial.Scene.Family, trial.Gallery, Short with { Steps = 150 }, trial.Scene.Random);
        Tensor encodings = trial.Target.All();
        using TrainableEncoder first = new MmdAttack().Fit(trial.Scene, trial.Target, encodings, out double before);
        using TrainableEncoder trained = new MmdAttack().Fit(longer, trial.Target, encodings, out double after);
        Assert.True(after < before, $"{before} before, {after} after");
    }

    [Fact]
    [Trait(Speed.Trait, Speed.Slow)]
    public void Contrastive_matchers_of_two_architectures_learn_on_own_keys_and_tell_their_guesswork()
    {
        using var trial = new AttackTrial(AttackTrial.Small, 32, new AttackBudget { Steps = 150, OwnEncoders = 3 });
        EncodingAttackResult result = trial.Run(new ContrastiveAttack());
        EncodingMethodResult method = result.Methods[0];
        Assert.True(result.ControlsPassed);
        Assert.Equal(["set", "transformer"], method.Stages.Select(stage => stage.Name));
        Assert.All(["set", "transformer"], network => Assert.True(method.Extra[network + " loss"] < 0.9 * Math.Log(32), $"{network}: {method.Extra[network + " loss"]} nats"));
        Assert.All(["set", "transformer"], network => Assert.InRange(method.Extra[network + " guesses"], 1, 32 * 32));
    }

    [Fact]
    [Trait(Speed.Trait, Speed.Slow)]
    public void Inversion_under_own_keys_is_better_than_the_mean_picture()
    {
        using var trial = new AttackTrial(AttackTrial.Small, 96, new AttackBudget { OwnEncoders = 2 });
        EncodingMethodResult method = trial.Run(new InversionAttack()).Methods[0];
        Assert.Null(method.AssignmentAccuracy);
        Assert.True(method.Extra["psnr"] > method.Extra["psnrOfMeanPicture"], $"{method.Extra["psnr"]} against {method.Extra["psnrOfMeanPicture"]}");
    }

    [Fact]
    public void An_attacker_whose_encoder_sees_noise_finds_nothing()
    {
        using var trial = new AttackTrial(Tiny, 32);
        EncodingAttackResult result = trial.Run(new NoiseControl());
        Assert.True(result.ControlsPassed);
        Assert.True(result.Methods[0].IsControl);
        Assert.Null(result.Worst);
    }

    [Fact]
    public void Transfer_reports_the_trained_and_the_unrelated_encoder()
    {
        using var trial = new AttackTrial(Tiny, 40, Short with { Steps = 5 });
        IReadOnlyDictionary<string, double> extra = trial.Run(new TransferAttack()).Methods[0].Extra;
        Assert.InRange(extra["auc"], 0, 1);
        Assert.InRange(extra["aucUnrelatedKeys"], 0, 1);
        Assert.Equal(20, extra["judged"]);
    }

    [Fact]
    public void Attributes_that_show_in_the_pictures_are_read_off_encodings()
    {
        using var trial = new AttackTrial(Tiny with { HiddenDim = 16 }, 64);
        double[] brightness = [.. trial.Scene.Each(pictures => pictures.Mean([1, 2, 3]).To(DType.Float64).ToArray<double>())];
        double middle = brightness.Order().ElementAt(32);
        using var scene = new AttackScene(trial.Scene.Family, trial.Gallery, Short, trial.Scene.Random)
        {
            Attributes = new Dictionary<string, IReadOnlyList<string>> { ["bright"] = [.. brightness.Select(b => b > middle ? "yes" : "no")] },
        };
        AttackFinding finding = new AttributeAttack().Run(scene, trial.Target);
        Assert.True(finding.Extra["auc bright"] > 0.75, $"AUC {finding.Extra["auc bright"]}");
        Assert.True(finding.Extra["auc bright low"] < finding.Extra["auc bright"]);
    }

    [Theory]
    [InlineData("3,1,2,9", "false,false,false,true")]
    [InlineData("0,1,1,0", "false,true,true,false")]
    [InlineData("F,M,F,F", "true,false,true,true")]
    public void Attributes_become_yes_or_no(string values, string expected)
    {
        bool[] found = BinaryAttribute.Of(values.Split(','));
        if (values.StartsWith('3'))
        {
            Assert.Equal(2, found.Count(v => v)); // at or above the median
            Assert.True(found[3]);
            return;
        }

        Assert.Equal([.. expected.Split(',').Select(bool.Parse)], found);
    }

    [Fact]
    public void Seed_search_states_the_bits_and_searches_nothing() =>
        Assert.Equal(32, AttackCatalog.Make(["seed-search"], 32)[0].Run(null!, null!).Extra["keyBits"]);

    [Fact]
    public void The_catalogue_makes_each_attack_once_in_its_own_order() =>
        Assert.Equal(["fingerprint", "mmd", "seed-search"], AttackCatalog.Make(["seed-search", "mmd", "fingerprint", "mmd"], 256).Select(attack => attack.Name));

    [Fact]
    public void Fidelity_of_equal_pictures_is_perfect_and_falls_with_noise()
    {
        using TensorScope scope = TensorScope.Open();
        Tensor pictures = GaussianTensor.Draw(new Core.Random.SeededRandom(1), 0, 1, 2, 1, 16, 16);
        Assert.Equal(100, ImageFidelity.Psnr(pictures, pictures, 4));
        Assert.Equal(1, ImageFidelity.Ssim(pictures, pictures, 4), 9);
        Tensor noisy = pictures + GaussianTensor.Draw(new Core.Random.SeededRandom(2), 0, 0.4, 2, 1, 16, 16);
        Assert.InRange(ImageFidelity.Psnr(noisy, pictures, 4), 19, 21); // 20 log10(4/0.4)
        Assert.InRange(ImageFidelity.Ssim(noisy, pictures, 4), 0.5, 0.99);
    }
}
