using System.Reflection;
using Pellicle.Core.Errors;
using Pellicle.Privacy.Accounting;
using Pellicle.Privacy.Clipping;
using Pellicle.Privacy.Noise;
using Pellicle.Privacy.Plan;
using Pellicle.Privacy.Sampling;

namespace Pellicle.Privacy.Tests.Plan;

public class DpTrainingPlanTests
{
    private static DpOptions Options => new() { N = 6000, ExpectedBatchSize = 60, Steps = 300, NoiseMultiplier = 1.3, Accountant = AccountantKind.Rdp };

    private static DpTrainingPlan Create(DpOptions options) => DpTrainingPlan.Create(options, 26_010);

    [Fact]
    public void Changing_any_execution_option_leaves_event_noise_and_hash_as_they_are()
    {
        DpTrainingPlan plan = Create(Options);
        foreach (PropertyInfo property in typeof(ExecutionOptions).GetProperties().Where(p => p.CanWrite))
        {
            var execution = new ExecutionOptions();
            object changed = property.PropertyType == typeof(int?) || property.PropertyType == typeof(int) ? (object)7 : 12345L;
            Assert.NotEqual(changed, property.GetValue(execution));
            property.SetValue(execution, changed);
            DpTrainingPlan other = DpTrainingPlan.Create(Options, 26_010, execution);
            Assert.Equal(plan.History, other.History);
            Assert.Equal(plan.Hash, other.Hash);
            Assert.Equal(plan.NoiseAt(5), other.NoiseAt(5));
        }
    }

    [Fact]
    public void Changing_any_privacy_option_is_seen_in_the_plan_hash()
    {
        DpTrainingPlan plan = Create(Options);
        var spent = PrivacyHistory.Of(MechanismEvent.Poisson(0.01, 2), 10);
        var changes = new Dictionary<string, DpOptions>
        {
            [nameof(DpOptions.N)] = Options with { N = 6001 },
            [nameof(DpOptions.NIsPublic)] = Options with { NIsPublic = false },
            [nameof(DpOptions.ExpectedBatchSize)] = Options with { ExpectedBatchSize = 61 },
            [nameof(DpOptions.Unit)] = Options with { Unit = PrivacyUnit.Patient },
            [nameof(DpOptions.MaxImagesPerUnit)] = Options with { MaxImagesPerUnit = 5 },
            [nameof(DpOptions.Sampling)] = Options with { Sampling = SamplingKind.FixedSize },
            [nameof(DpOptions.Epochs)] = Options with { Steps = null, Epochs = 3 },
            [nameof(DpOptions.Steps)] = Options with { Steps = 301 },
            [nameof(DpOptions.NoiseMultiplier)] = Options with { NoiseMultiplier = 1.4 },
            [nameof(DpOptions.TargetEpsilon)] = Options with { NoiseMultiplier = null, TargetEpsilon = 3 },
            [nameof(DpOptions.MaxEpsilon)] = Options with { MaxEpsilon = 2 },
            [nameof(DpOptions.Delta)] = Options with { Delta = 1e-6 },
            [nameof(DpOptions.Accountant)] = Options with { Accountant = AccountantKind.Prv },
            [nameof(DpOptions.Orders)] = Options with { Orders = [2, 3, 4] },
            [nameof(DpOptions.EpsilonError)] = Options with { EpsilonError = 0.02, Accountant = AccountantKind.Prv },
            [nameof(DpOptions.AccountantMemoryBytes)] = Options with { AccountantMemoryBytes = 64 << 20 },
            [nameof(DpOptions.Clipping)] = Options with { Clipping = new ClippingOptions { MaxGradNorm = 0.5 } },
            [nameof(DpOptions.Adaptive)] = Options with { Clipping = new ClippingOptions { Mode = ClippingMode.Adaptive }, Adaptive = new AdaptiveClipping() },
            [nameof(DpOptions.NoiseSchedule)] = Options with { NoiseSchedule = new StepSchedule { Kind = ScheduleKind.Exponential, Gamma = 0.9 } },
            [nameof(DpOptions.ClipSchedule)] = Options with { ClipSchedule = new StepSchedule { Kind = ScheduleKind.Step, Gamma = 0.9 } },
            [nameof(DpOptions.AugmentMultiplicity)] = Options with { AugmentMultiplicity = 4 },
            [nameof(DpOptions.ClassWeights)] = Options with { ClassWeights = [1, 2] },
            [nameof(DpOptions.Precision)] = Options with { Precision = Nn.ProductPrecision.Bfloat16 },
            [nameof(DpOptions.Release)] = Options with { Release = ReleaseKind.AllCheckpoints },
            [nameof(DpOptions.AcceptUnaccountedTuning)] = Options with { AcceptUnaccountedTuning = true },
            [nameof(DpOptions.InsecureSeed)] = Options with { InsecureSeed = new InsecureSeed(1) },
            [nameof(DpOptions.Spent)] = Options with { Spent = spent },
            [nameof(DpOptions.SpentLedgerHash)] = Options with { SpentLedgerHash = "ab" },
            [nameof(DpOptions.Pretraining)] = Options with { Pretraining = new Pretraining("imagenet-1k", true) },
        };
        Assert.Equal(typeof(DpOptions).GetProperties().Where(p => p.CanWrite).Select(p => p.Name).Order(), changes.Keys.Order());
        var hashes = new HashSet<string> { plan.Hash };
        foreach ((string name, DpOptions options) in changes)
        {
            Assert.True(hashes.Add(Create(options).Hash), $"a change of {name} is not seen");
        }

        Assert.NotEqual(plan.Hash, DpTrainingPlan.Create(Options, 26_011).Hash);
        Assert.Equal(plan.Hash, Create(Options).Hash);
    }

    [Fact]
    public void Trap_22_no_public_constructor_lets_sampler_noise_and_event_disagree()
    {
        Assert.Empty(typeof(DpTrainingPlan).GetConstructors());
        Assert.Empty(typeof(PoissonSampler).GetConstructors());
        DpTrainingPlan plan = Create(Options);
        var sampler = (PoissonSampler)plan.CreateSampler(PrivacyUnits.OfImages([.. Enumerable.Range(0, 6000)]), NewKey());
        Assert.Equal(plan.EventAt(1).Event.SampleRate, sampler.SampleRate);
        Assert.Equal(0.01, sampler.SampleRate);
    }

    [Fact]
    public void Trap_2_the_divisor_is_the_public_batch_size()
    {
        DpTrainingPlan plan = Create(Options with { N = 6007 });
        Assert.Equal(60, plan.NoiseAt(1).Divisor);
        Assert.Equal(60, plan.AveragingDivisor);
        Assert.Equal(60.0 / 6007, plan.SampleRate);
    }

    [Fact]
    public void Trap_6_and_1_noise_depends_on_the_step_number_only_and_every_step_is_one_event()
    {
        DpTrainingPlan plan = Create(Options);
        Assert.Equal(300, plan.EventCount);
        Assert.Equal(plan.NoiseAt(1), plan.NoiseAt(300));
        Assert.Equal(PrivacyHistory.Of(MechanismEvent.Poisson(0.01, 1.3), 300), plan.History);
    }

    [Theory]
    [InlineData(10, 60000, 64, 9375)]
    [InlineData(10, 93, 1, 930)]
    [InlineData(10, 99, 1, 990)]
    [InlineData(10, 105, 1, 1050)]
    [InlineData(20, 5918, 256, 463)]
    [InlineData(30, 5918, 256, 694)]
    [InlineData(10, 5918, 256, 232)]
    [InlineData(30, 7007, 256, 822)]
    [InlineData(0.1, 1000, 10, 10)]
    [InlineData(0.3, 10, 1, 3)]
    [InlineData(1.1, 10, 1, 11)]
    [InlineData(0.001, 10, 10, 1)]
    public void Trap_8_steps_are_the_exact_ceiling_of_epochs_times_n_over_batch(double epochs, long n, long batch, long steps) =>
        Assert.Equal(steps, StepCount.Of(epochs, n, batch));

    [Fact]
    public void Epochs_begin_where_their_first_step_says()
    {
        foreach ((long n, long batch) in new[] { (93L, 7L), (60000L, 64L), (10L, 10L), (5L, 2L) })
        {
            for (long step = 1; step < 200; step++)
            {
                long epoch = StepCount.EpochOf(step, n, batch);
                Assert.InRange(step, StepCount.FirstStepOf(epoch, n, batch), StepCount.FirstStepOf(epoch + 1, n, batch) - 1);
            }
        }
    }

    [Fact]
    public void Augmented_views_do_not_change_the_event()
    {
        Assert.Equal(Create(Options).History, Create(Options with { AugmentMultiplicity = 16 }).History);
        Assert.Equal(Create(Options).NoiseAt(3), Create(Options with { AugmentMultiplicity = 16 }).NoiseAt(3));
    }

    [Theory]
    [InlineData(1, 1.0)]
    [InlineData(26_010, 1.0)]
    [InlineData(85_800_000, 0.1)]
    [InlineData(4, 8.192)]
    public void The_grid_is_the_largest_power_of_two_within_the_stated_bound(long parameters, double c)
    {
        DpTrainingPlan plan = DpTrainingPlan.Create(Options with { Clipping = new ClippingOptions { MaxGradNorm = c } }, parameters);
        double grid = plan.GridFor(c);
        Assert.Equal(0, Math.Log2(grid) % 1);
        Assert.True(Math.Sqrt(parameters) * grid <= 1e-4 * c);
        Assert.True(Math.Sqrt(parameters) * grid * 2 > 1e-4 * c);
        StepNoise noise = plan.NoiseAt(1);
        Assert.Equal(1.3 * (c + Math.Sqrt(parameters) * grid), noise.StandardDeviation, 1e-15);
    }

    [Fact]
    public void Schedules_give_one_phase_per_epoch_and_the_noise_of_its_event()
    {
        DpTrainingPlan plan = Create(Options with
        {
            NoiseSchedule = new StepSchedule { Kind = ScheduleKind.Exponential, Gamma = 0.9 },
            ClipSchedule = new StepSchedule { Kind = ScheduleKind.Table, Table = [1, 0.5] },
        });
        Assert.Equal([100L, 100L, 100L], plan.History.Phases.Select(p => p.Steps));
        Assert.Equal([1.3, 1.17, 1.053], plan.History.Phases.Select(p => Math.Round(p.Event.NoiseMultiplier, 6)));
        Assert.Equal(1, plan.NoiseAt(100).MaxGradNorm);
        StepNoise second = plan.NoiseAt(101);
        Assert.Equal(0.5, second.MaxGradNorm);
        Assert.Equal(1.17 * (0.5 + Math.Sqrt(26_010) * second.Grid), second.StandardDeviation, 1e-12);
        Assert.Equal(plan.TotalHistory, plan.TotalHistoryAfter(300));
        Assert.Equal(150, plan.TotalHistoryAfter(150).Steps);
    }

    [Fact]
    public void A_target_gives_the_noise_that_meets_it_with_schedule_and_spent_budget()
    {
        DpTrainingPlan plan = Create(Options with
        {
            NoiseMultiplier = null,
            TargetEpsilon = 2,
            NoiseSchedule = new StepSchedule { Kind = ScheduleKind.Step, Gamma = 0.8 },
            Spent = PrivacyHistory.Of(MechanismEvent.Poisson(0.01, 1.5), 100),
        });
        Assert.InRange(plan.Accountant.Epsilon(plan.TotalHistory, 1e-5).Epsilon, 1.999, 2);
        Assert.Equal(2, plan.MaxEpsilon);
    }

    [Fact]
    public void Adaptive_clipping_leaves_the_event_at_the_wanted_noise_and_gives_the_sum_more()
    {
        DpTrainingPlan plan = Create(Options with { NoiseMultiplier = 1, Clipping = new ClippingOptions { Mode = ClippingMode.Adaptive }, Adaptive = new AdaptiveClipping { CountNoise = 0.8 } });
        Assert.Equal(1.0, plan.History.Phases[0].Event.NoiseMultiplier);
        StepNoise noise = plan.NoiseAt(2, 0.7);
        Assert.Equal(1.281 * 0.7, noise.StandardDeviation, 0.001);
        Assert.Equal(0.8, noise.CountStandardDeviation);
        Assert.Equal(60, noise.Divisor);
        Assert.Throws<ArgumentException>(() => plan.NoiseAt(2));
        Assert.Throws<UsageException>(() => Create(Options with { NoiseMultiplier = 2, Clipping = new ClippingOptions { Mode = ClippingMode.Adaptive }, Adaptive = new AdaptiveClipping { CountNoise = 0.8 } }));
    }

    [Fact]
    public void All_problems_are_reported_at_once()
    {
        var error = Assert.Throws<UsageException>(() => Create(Options with { Delta = 0, NoiseMultiplier = 0, ExpectedBatchSize = 7000, Epochs = 3, AugmentMultiplicity = 0 }));
        Assert.True(error.Problems.Count >= 5, string.Join('\n', error.Problems));
        Assert.Contains(error.Problems, p => p.Message.Contains("no privacy", StringComparison.Ordinal));
    }

    [Fact]
    public void Trap_20_gdp_cannot_be_the_accountant_of_a_run() =>
        Assert.Contains("approximation", Assert.Throws<UsageException>(() => Create(Options with { Accountant = AccountantKind.Gdp })).Message, StringComparison.Ordinal);

    [Fact]
    public void Units_and_keys_that_do_not_fit_the_plan_are_refused()
    {
        DpTrainingPlan plan = Create(Options);
        PrivacyUnits images = PrivacyUnits.OfImages([.. Enumerable.Range(0, 6000)]);
        PrivacyUnits patients = PrivacyUnits.OfPatients([0, 1], ["a", "b"]);
        Assert.Throws<PrivacyRefusedException>(() => plan.CreateSampler(patients, NewKey()));
        Assert.Throws<PrivacyRefusedException>(() => plan.CreateSampler(images, RunKey.FromInsecureSeed(new InsecureSeed(1))));
        DpTrainingPlan fixedSize = Create(Options with { Sampling = SamplingKind.FixedSize });
        Assert.Throws<PrivacyRefusedException>(() => fixedSize.CreateSampler(PrivacyUnits.OfImages([0, 1, 2]), NewKey()));
    }

    [Fact]
    public void Notes_warn_about_delta_and_about_patients_with_several_images()
    {
        Assert.Contains(Create(Options with { Delta = 1e-3 }).Notes(1), n => n.Contains("1/n", StringComparison.Ordinal));
        Assert.Contains(Create(Options).Notes(3), n => n.Contains("group privacy", StringComparison.Ordinal));
        Assert.Contains(Create(Options with { Unit = PrivacyUnit.Patient }).Notes(), n => n.Contains("240 images", StringComparison.Ordinal));
        Assert.Empty(Create(Options).Notes(1));
    }

    [Fact]
    public void Shuffled_epochs_are_one_event_each()
    {
        DpTrainingPlan plan = Create(Options with { Sampling = SamplingKind.Shuffled, N = 6001, Steps = 202 });
        Assert.Equal(101, plan.StepsPerEvent);
        Assert.Equal(2, plan.EventCount);
        Assert.Equal(1, plan.EventOf(101));
        Assert.Equal(2, plan.EventOf(102));
        Assert.True(plan.EventAt(1).Event.IsPlainGaussian);
    }

    [Fact]
    public void Epochs_of_shuffled_batches_are_whole()
    {
        DpTrainingPlan plan = Create(Options with { Sampling = SamplingKind.Shuffled, N = 1000, ExpectedBatchSize = 300, Steps = null, Epochs = 20 });
        Assert.Equal((80L, 20L), (plan.Steps, plan.EventCount)); // 4 steps an epoch, the last one smaller
        Assert.Equal(40, plan.StepsAfter(10));
        Assert.Equal((0L, 1L), (plan.EpochOf(4), plan.EpochOf(5)));
    }

    private static RunKey NewKey() => RunKey.Create(Path.Combine(Directory.CreateTempSubdirectory("pellicle-plan-").FullName, "run.key"), new Pellicle.Core.Random.SystemSecureRandom());
}
