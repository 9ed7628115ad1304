using Pellicle.Core.Errors;
using Pellicle.Privacy.Accounting;
using Pellicle.Privacy.Clipping;
using Pellicle.Privacy.Noise;
using Pellicle.Privacy.Plan;

namespace Pellicle.Privacy.Tests.Plan;

public class AdaptiveBoundsTests
{
    private static readonly RunKey Key = RunKey.FromInsecureSeed(new InsecureSeed(5));

    private static DpOptions Options => new()
    {
        N = 6000,
        ExpectedBatchSize = 100,
        Steps = 300,
        NoiseMultiplier = 1,
        Accountant = AccountantKind.Rdp,
        Clipping = new ClippingOptions { Mode = ClippingMode.Adaptive, MaxGradNorm = 2 },
        Adaptive = new AdaptiveClipping { CountNoise = 0.8 },
    };

    [Fact]
    public void The_bound_falls_when_more_units_than_wanted_are_within_it_and_rises_otherwise()
    {
        // 40 of 100 above one half is five deviations of the count noise 0.8 and far more: the direction is certain.
        var bounds = new AdaptiveBounds(DpTrainingPlan.Create(Options, 10));
        bounds.Move([50], Key, 1);
        Assert.Equal(2 * Math.Exp(-0.2 * 0.5), bounds.Values[0], 0.02);
        double fallen = bounds.Values[0];
        bounds.Move([-50], Key, 2);
        Assert.Equal(fallen * Math.Exp(0.2 * 0.5), bounds.Values[0], 0.02);
        Assert.NotEqual(2, bounds.Values[0]); // noised
    }

    [Fact]
    public void The_divisor_of_the_count_is_the_public_batch_size_so_an_empty_batch_counts_half()
    {
        var settings = new AdaptiveClipping { TargetQuantile = 0.5, LearningRate = 0.2 };
        Assert.Equal(3, settings.Next(3, 0, 100), 1e-12);
        Assert.Equal(3 * Math.Exp(-0.2 * 0.2), settings.Next(3, 20, 100), 1e-12);
    }

    [Fact]
    public void The_bound_stays_within_what_sums_can_hold()
    {
        var settings = new AdaptiveClipping { LearningRate = 1000 };
        Assert.True(settings.Next(1e-8, 50, 100) > 0);
        Assert.True(double.IsFinite(settings.Next(1e8, -50, 100)));
    }

    [Fact]
    public void Counts_get_noise_of_the_stated_deviation_from_a_stream_of_their_own()
    {
        double[] noise = [.. Enumerable.Range(1, 5000).Select(step => CountNoise.Add([7.5], 0.8, Key, step)[0] - 7.5)];
        double variance = noise.Sum(v => v * v) / noise.Length;
        // Five deviations of a variance estimate: 0.64 · √(2/5000) · 5 = 0.064.
        Assert.InRange(variance, 0.64 - 0.064, 0.64 + 0.064);
        Assert.Equal(noise[8], CountNoise.Add([7.5], 0.8, Key, 9)[0] - 7.5); // a repeated step releases the same value
        Span<byte> count = stackalloc byte[32];
        Span<byte> gradient = stackalloc byte[32];
        RunKey again = RunKey.FromInsecureSeed(new InsecureSeed(5));
        again.KeyFor(KeyPurpose.CountQuery, 1, count);
        again.KeyFor(KeyPurpose.Noise, 1, gradient);
        Assert.False(count.SequenceEqual(gradient));
    }

    [Fact]
    public void Every_layer_has_its_own_bound_and_all_counts_are_charged()
    {
        var layers = new Dictionary<string, double> { ["b"] = 0.3, ["a"] = 0.4 };
        DpTrainingPlan plan = DpTrainingPlan.Create(Options with { Clipping = new ClippingOptions { Mode = ClippingMode.Adaptive, LayerBounds = layers } }, 10);
        Assert.Equal(2, plan.Options.CountQueries);
        Assert.Equal(1.0, plan.History.Phases[0].Event.NoiseMultiplier);
        // 1/σ_Δ² = 1 − 2/(2·0.8)²
        double expected = 1 / Math.Sqrt(1 - (2 / (4 * 0.64)));
        Assert.Equal(expected * 0.5, plan.NoiseAt(1, 0.5).StandardDeviation, 1e-3);

        var bounds = new AdaptiveBounds(plan);
        Assert.Equal([0.4, 0.3], bounds.Values);
        Assert.Equal(0.5, bounds.Current.Sensitivity, 1e-12);
        bounds.Move([50, -50], Key, 1);
        Assert.True(bounds.Values[0] < 0.4 && bounds.Values[1] > 0.3);
        bounds.Restore([1, 2]);
        Assert.Equal((1.0, 2.0), (bounds.Current.Layers!["a"], bounds.Current.Layers["b"]));
        Assert.Throws<ArgumentException>(() => bounds.Restore([1]));
    }

    [Fact]
    public void The_chosen_count_noise_leaves_at_least_three_quarters_of_the_cost_to_the_gradients()
    {
        foreach ((double noise, long batch) in new[] { (1.0, 20L), (1.0, 600L), (3.0, 20L) })
        {
            DpTrainingPlan plan = DpTrainingPlan.Create(Options with { NoiseMultiplier = noise, ExpectedBatchSize = batch, Adaptive = new AdaptiveClipping() }, 10);
            Assert.Equal(Math.Max(batch / 20.0, noise), plan.Options.Adaptive!.CountNoise);
            Assert.InRange(plan.NoiseAt(1, 1).StandardDeviation, noise, noise * 1.16);
        }
    }

    [Fact]
    public void A_noise_schedule_that_outgrows_the_count_noise_is_refused() =>
        Assert.Throws<UsageException>(() => DpTrainingPlan.Create(Options with { NoiseSchedule = new StepSchedule { Kind = ScheduleKind.Exponential, Gamma = 1.5 } }, 10));

    [Fact]
    public void Adaptive_bounds_do_not_go_with_a_clip_schedule()
    {
        Assert.Throws<UsageException>(() => DpTrainingPlan.Create(Options with { ClipSchedule = new StepSchedule { Kind = ScheduleKind.Exponential, Gamma = 0.9 } }, 10));
    }

    [Fact]
    public void A_shuffled_epoch_charges_gradient_and_count_of_one_batch_as_one_event()
    {
        DpTrainingPlan plan = DpTrainingPlan.Create(Options with { Sampling = SamplingKind.Shuffled, NoiseMultiplier = 2, Adaptive = new AdaptiveClipping { CountNoise = 1.6 } }, 10);
        PrivacyPhase phase = Assert.Single(plan.History.Phases);
        Assert.Equal((1.0, 2.0), (phase.Event.SampleRate, phase.Event.NoiseMultiplier));
        Assert.Equal((plan.Steps + plan.StepsPerEvent - 1) / plan.StepsPerEvent, phase.Steps);

        // The event is the pair: 1/2² = 1/σ_Δ² + 1/(2·1.6)², so the gradient itself gets σ_Δ.
        double gradient = plan.NoiseAt(1, 1).StandardDeviation;
        Assert.Equal(1 / Math.Sqrt(0.25 - 1 / 10.24), gradient, 0.01);
        Assert.Equal(0.25, 1 / (gradient * gradient) + 1 / (4 * 1.6 * 1.6), 0.002);
        Assert.Equal(1.6, plan.NoiseAt(1, 1).CountStandardDeviation);
    }
}
