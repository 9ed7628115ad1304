using Pellicle.Core.Errors;
using Pellicle.Privacy.Accounting;
using Pellicle.Privacy.Ledger;
using Pellicle.Privacy.Plan;

namespace Pellicle.Privacy.Tests.Plan;

public sealed class BudgetGuardTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pellicle-guard-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Training_stops_exactly_before_the_step_that_would_exceed_the_budget_for_ten_random_settings()
    {
        var random = new Random(21);
        int stopped = 0;
        for (int i = 0; i < 10; i++)
        {
            bool isPrv = i >= 8;
            var options = new DpOptions
            {
                N = random.Next(500, 20000),
                ExpectedBatchSize = random.Next(20, 200),
                Steps = random.Next(50, isPrv ? 300 : 3000),
                NoiseMultiplier = 0.7 + random.NextDouble(),
                Delta = Math.Pow(10, -random.Next(4, 8)),
                Accountant = isPrv ? AccountantKind.Prv : AccountantKind.Rdp,
                MaxEpsilon = 0.8 + 3 * random.NextDouble(),
                NoiseSchedule = i % 2 == 0 ? new StepSchedule() : new StepSchedule { Kind = ScheduleKind.Step, Gamma = 0.97, EveryEpochs = 2 },
            };
            DpTrainingPlan plan = DpTrainingPlan.Create(options, 1000);
            BudgetGuard guard;
            try
            {
                guard = new BudgetGuard(plan);
            }
            catch (PrivacyBudgetExceededException)
            {
                Assert.True(plan.Accountant.Epsilon(plan.TotalHistoryAfter(1), options.Delta).Epsilon > options.MaxEpsilon);
                continue;
            }

            string path = Path.Combine(_folder, $"{i}.jsonl");
            using (PrivacyLedger ledger = PrivacyLedger.Create(path, plan.Header))
            {
                long step = 1;
                while (guard.TryBegin(step, ledger))
                {
                    step++;
                }

                Assert.Equal(guard.AllowedSteps + 1, step);
            }

            PrivacyHistory spent = LedgerContent.Read(path).TotalHistory;
            Assert.True(plan.Accountant.Epsilon(spent, options.Delta).Epsilon <= options.MaxEpsilon);
            Assert.Equal(plan.TotalHistoryAfter(guard.AllowedEvents), spent);
            if (guard.StopsEarly)
            {
                stopped++;
                Assert.True(plan.Accountant.Epsilon(plan.TotalHistoryAfter(guard.AllowedEvents + 1), options.Delta).Epsilon > options.MaxEpsilon);
            }
        }

        Assert.True(stopped >= 3, $"only {stopped} of the settings test the stop");
    }

    [Fact]
    public void Not_even_one_step_within_the_budget_is_a_refusal()
    {
        var options = new DpOptions { N = 100, ExpectedBatchSize = 50, Steps = 10, NoiseMultiplier = 0.5, MaxEpsilon = 0.5, Accountant = AccountantKind.Rdp };
        var error = Assert.Throws<PrivacyBudgetExceededException>(() => new BudgetGuard(DpTrainingPlan.Create(options, 10)));
        Assert.Equal(FailureKind.PrivacyRefused, error.Kind);
        Assert.Contains("0.5", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_searched_noise_lets_every_planned_step_pass()
    {
        foreach (AccountantKind kind in new[] { AccountantKind.Rdp, AccountantKind.Prv })
        {
            DpTrainingPlan plan = DpTrainingPlan.Create(new DpOptions { N = 5918, ExpectedBatchSize = 256, Epochs = 5, TargetEpsilon = 3, Accountant = kind }, 1000);
            var guard = new BudgetGuard(plan);
            Assert.Equal(116, guard.AllowedSteps);
            Assert.False(guard.StopsEarly);
        }
    }

    [Theory]
    [InlineData(AccountantKind.Rdp)]
    [InlineData(AccountantKind.Prv)]
    public void Epsilon_after_each_step_grows_and_bounds_the_true_value(AccountantKind kind)
    {
        DpTrainingPlan plan = DpTrainingPlan.Create(new DpOptions { N = 6000, ExpectedBatchSize = 60, Steps = 200, NoiseMultiplier = 1.1, Accountant = kind }, 1000);
        var guard = new BudgetGuard(plan);
        double last = 0;
        for (long step = 1; step <= 200; step++)
        {
            double epsilon = guard.EpsilonAfter(step);
            Assert.True(epsilon >= last - 1e-9, $"step {step}");
            last = epsilon;
        }

        foreach (long step in new[] { 1L, 57, 200 })
        {
            EpsilonResult exact = plan.Accountant.Epsilon(plan.TotalHistoryAfter(step), 1e-5);
            Assert.InRange(guard.EpsilonAfter(step), exact.Lower ?? exact.Epsilon, kind == AccountantKind.Rdp ? exact.Epsilon : exact.Epsilon + 0.3);
        }

        Assert.Equal(0, guard.EpsilonAfter(0));
    }
}
