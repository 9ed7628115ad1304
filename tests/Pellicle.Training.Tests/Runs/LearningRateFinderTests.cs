using Pellicle.Core.Errors;
using Pellicle.Training.Configuration;
using Pellicle.Training.LearningRates;

namespace Pellicle.Training.Tests.Runs;

/// <summary>Trials at several rates: which one wins, with which noise, and on which images.</summary>
[Trait(Speed.Trait, Speed.Slow)]
public sealed class LearningRateFinderTests : TrainingFixture
{
    private const string Public = "synth:dermoscopy,images=120,size=16";

    [Fact]
    public void A_rate_that_learns_beats_one_that_stands_still_and_one_that_diverges()
    {
        LearningRateResult result = Find(Ordinary(), Public, [1e-7, 3e-3, 30], 40);

        Assert.Equal(3e-3, result.Suggested);
        Assert.False(result.AtEdge);
        Assert.Null(result.TrialNoiseMultiplier);
    }

    [Fact]
    public void The_best_rate_at_the_end_of_the_list_is_said_to_lie_at_the_edge()
    {
        LearningRateResult result = Find(Ordinary(), Public, [1e-7, 3e-3], 40);

        Assert.True(result.AtEdge);
        Assert.Contains(result.Notes, note => note.Contains("largest rate tried", StringComparison.Ordinal));
    }

    [Fact]
    public void A_private_run_is_refused_without_public_images() =>
        Assert.Throws<PrivacyRefusedException>(() => Find(SmallRun(), null, [1e-3], 2));

    [Fact]
    public void Trials_have_the_noise_on_the_mean_gradient_that_the_run_will_have()
    {
        TrainConfig run = SmallRun() with { Privacy = SmallRun().Privacy with { Sampling = SamplingChoice.Full, NoiseMultiplier = 4 } };

        LearningRateResult result = Find(run, Public, [1e-3], 2);

        Assert.Equal(4.0, result.NoiseMultiplier);
        int images = new TrainPipeline(TimeProvider.System, new Silent()).DryRun(Request(run, "plan")).Data.NTrain;
        Assert.True(result.TrialBatch < images); // the public set is smaller, so its full batch needs less noise
        Assert.Equal(4.0 / images, result.TrialNoiseMultiplier!.Value / result.TrialBatch, 1e-12);
    }

    [Fact]
    public void An_ordinary_run_is_never_tuned_on_its_own_test_images() =>
        Assert.Contains("no validation images", Assert.Throws<UsageException>(() => Find(Ordinary(), null, [1e-3], 2)).Message, StringComparison.Ordinal);

    [Fact]
    public void Public_images_of_another_kind_are_refused() =>
        Assert.Throws<UsageException>(() => Find(SmallRun(), "synth:xray,images=60,size=16", [1e-3], 2));

    [Fact]
    public void Nothing_is_left_on_disk()
    {
        string[] before = Directory.GetDirectories(Path.GetTempPath(), "pellicle-find-lr-*");

        Find(Ordinary(), Public, [1e-3], 2);

        Assert.Empty(Directory.GetDirectories(Path.GetTempPath(), "pellicle-find-lr-*").Except(before));
        Assert.Empty(Directory.GetFileSystemEntries(Folder));
    }

    private static TrainConfig Ordinary() => SmallRun() with { Privacy = new PrivacySection { NonPrivate = true } };

    private static LearningRateResult Find(TrainConfig run, string? source, double[] rates, int steps) =>
        new LearningRateFinder(TimeProvider.System, new Silent()).Run(new LearningRateRequest { Config = run, PublicSource = source, Rates = rates, TrialSteps = steps });
}
