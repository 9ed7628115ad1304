using Pellicle.Audit.Attacks;
using Pellicle.Audit.Gradients;
using Pellicle.Audit.Statistics;
using Pellicle.Core.Random;
using Pellicle.Native;
using Pellicle.Nn;
using Pellicle.Privacy.Accounting;
using Pellicle.Privacy.Clipping;
using Pellicle.Privacy.Noise;
using Pellicle.Privacy.Plan;
using Pellicle.Privacy.Sampling;
using Pellicle.Training.Probes;

namespace Pellicle.Audit.Tests.Gradients;

/// <summary>Planted gradients through sampler, clipper, accumulator and noise of the plan. Seeds are fixed, so outcomes repeat.</summary>
[Trait(Speed.Trait, Speed.Slow)]
public sealed class GradientAuditTests : IDisposable
{
    private const double Delta = 1e-5;
    private readonly string _folder = Directory.CreateTempSubdirectory("pellicle-probe-").FullName;
    private readonly Sequential _model;

    public GradientAuditTests()
    {
        NativeRuntime.Start(1);
        _model = new Sequential(new Linear(63, 62, new SeededRandom(1)), new Tanh(), new Linear(62, 10, new SeededRandom(2)));
    }

    public void Dispose()
    {
        _model.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    public static TheoryData<ClippingMode, SamplingKind, PrivacyUnit> Mechanisms()
    {
        var all = new TheoryData<ClippingMode, SamplingKind, PrivacyUnit>();
        foreach (ClippingMode mode in Modes)
        {
            foreach (SamplingKind sampling in Enum.GetValues<SamplingKind>())
            {
                foreach (PrivacyUnit unit in Enum.GetValues<PrivacyUnit>())
                {
                    all.Add(mode, sampling, unit);
                }
            }
        }

        return all;
    }

    private static ClippingMode[] Modes => Enum.GetValues<ClippingMode>();

    // Teeth: 4000 gradients, half of them in. The lower bound holds with 95 %, so with these seeds it stays below the accountant's epsilon.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public void The_lower_bound_reaches_half_of_the_accountants_epsilon_and_does_not_exceed_it(double epsilon)
    {
        DpTrainingPlan plan = Plan(new DpOptions { N = 4000, ExpectedBatchSize = 200, Steps = 60, TargetEpsilon = epsilon, Delta = Delta, InsecureSeed = new InsecureSeed(5) });

        AttackResult result = Attack(plan, 4000);

        Assert.InRange(result.EpsilonLowerBound, 0.5 * epsilon, epsilon);
    }

    [Theory]
    [MemberData(nameof(Mechanisms))]
    public void The_lower_bound_is_at_most_the_upper_bound_for_every_clipping_mode_sampler_and_unit(ClippingMode mode, SamplingKind sampling, PrivacyUnit unit)
    {
        DpTrainingPlan plan = Plan(Options(mode, sampling, unit));
        double upper = plan.Accountant.Epsilon(plan.History, Delta).Epsilon;

        AttackResult result = Attack(plan, 600);

        Assert.InRange(result.EpsilonLowerBound, 0, upper);
        // The test would say nothing if the attack saw nothing. Fixed-size samples are accounted for far more than they show.
        Assert.True(result.Auc > 0.6, $"AUC {result.Auc}, upper bound {upper}");
    }

    [Theory]
    [InlineData(ClippingMode.Flat)]
    [InlineData(ClippingMode.PerLayer)]
    public void A_mechanism_with_less_noise_than_its_plan_says_is_found(ClippingMode mode)
    {
        DpTrainingPlan claimed = Plan(Options(mode, SamplingKind.Poisson, PrivacyUnit.Image) with { NoiseMultiplier = 2 });
        double upper = claimed.Accountant.Epsilon(claimed.History, Delta).Epsilon;

        AttackResult result = Attack(Plan(Options(mode, SamplingKind.Poisson, PrivacyUnit.Image) with { NoiseMultiplier = 1.2 }), 600);

        Assert.True(result.EpsilonLowerBound > upper, $"lower {result.EpsilonLowerBound}, claimed {upper}");
        // About 900 projections with the gradient, of standard deviation 1.2: standard error 0.04.
        Assert.Equal(1, result.Shift!.NoiseRatio!.Value, 0.16);
    }

    [Fact]
    public void Training_without_noise_and_clipping_is_detected_by_estimate_and_by_guesses()
    {
        using GradientProbe probe = GradientProbe.OfOrdinaryTraining(_model, 4000, 400, 10, 1);
        using var canaries = new GradientCanaries(probe, 4000, new SeededRandom(1), new ReproducibleCoins(2));
        probe.Run(canaries, _ => { }, CancellationToken.None);

        Assert.InRange(GradientAttack.Evaluate(canaries, null, Delta, 0.95, 0).EpsilonLowerBound, 5, 100);
        Assert.InRange(GradientAttack.EvaluateGuesses(canaries.Scores, canaries.IsIncluded, Delta, 0.95, 0).EpsilonLowerBound, 5, 100);
    }

    [Fact]
    public void Guesses_about_gradient_canaries_stay_below_the_accountants_epsilon_and_show_something()
    {
        DpTrainingPlan plan = Plan(Options(ClippingMode.Flat, SamplingKind.Poisson, PrivacyUnit.Image));
        double upper = plan.Accountant.Epsilon(plan.History, Delta).Epsilon;
        using GradientProbe probe = GradientProbe.OfPlan(plan, _model, Path.Combine(_folder, "probe"));
        using var canaries = new GradientCanaries(probe, 600, new SeededRandom(1), new ReproducibleCoins(2));
        probe.Run(canaries, _ => { }, CancellationToken.None);

        AttackResult result = GradientAttack.EvaluateGuesses(canaries.Scores, canaries.IsIncluded, Delta, 0.95, 0);

        Assert.InRange(result.EpsilonLowerBound, 0.1, upper);
        Assert.Equal((600, 600), (result.Canaries!.Planted, result.Canaries.Gradient));
    }

    [Fact]
    public void Shuffled_membership_gives_an_area_of_one_half_within_its_interval()
    {
        using GradientProbe probe = GradientProbe.OfPlan(Plan(Options(ClippingMode.Flat, SamplingKind.Poisson, PrivacyUnit.Image)), _model, Path.Combine(_folder, "probe"));
        using var canaries = new GradientCanaries(probe, 600, new SeededRandom(1), new ReproducibleCoins(2));
        probe.Run(canaries, _ => { }, CancellationToken.None);

        AuditControls controls = AttackStatistics.ShuffledMembership(canaries.Membership, 0.95, new SeededRandom(9));

        Assert.True(controls.Passed);
        Assert.InRange(controls.ShuffledMembership!.Value, 0.4, 0.6);
    }

    [Fact]
    public void The_scratch_folder_goes_with_the_probe()
    {
        string scratch = Path.Combine(_folder, "probe");
        using (GradientProbe probe = GradientProbe.OfPlan(Plan(Options(ClippingMode.Flat, SamplingKind.Poisson, PrivacyUnit.Image) with { InsecureSeed = null }), _model, scratch))
        {
            Assert.True(File.Exists(Path.Combine(scratch, "run.key")));
        }

        Assert.False(Directory.Exists(scratch));
    }

    private static DpOptions Options(ClippingMode mode, SamplingKind sampling, PrivacyUnit unit) => new()
    {
        N = 600,
        ExpectedBatchSize = sampling == SamplingKind.FullBatch ? 600 : 150,
        Steps = 12,
        NoiseMultiplier = sampling is SamplingKind.FullBatch or SamplingKind.Shuffled ? 2 : 1,
        Delta = Delta,
        Sampling = sampling,
        Unit = unit,
        Accountant = sampling == SamplingKind.FixedSize ? AccountantKind.Rdp : AccountantKind.Prv,
        Clipping = new ClippingOptions { Mode = mode, MaxGradNorm = 0.7 },
        Adaptive = mode == ClippingMode.Adaptive ? new AdaptiveClipping() : null,
        InsecureSeed = new InsecureSeed(3),
    };

    private DpTrainingPlan Plan(DpOptions options) => DpTrainingPlan.Create(options, _model.TrainableParameters().Sum(parameter => parameter.Count));

    private AttackResult Attack(DpTrainingPlan plan, int count)
    {
        using GradientProbe probe = GradientProbe.OfPlan(plan, _model, Path.Combine(_folder, "probe"));
        using var canaries = new GradientCanaries(probe, count, new SeededRandom(1), new ReproducibleCoins(2));
        probe.Run(canaries, _ => { }, CancellationToken.None);
        return GradientAttack.Evaluate(canaries, plan, Delta, 0.95, 0);
    }
}
