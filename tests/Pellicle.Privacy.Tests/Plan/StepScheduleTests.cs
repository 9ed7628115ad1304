using Pellicle.Core.Errors;
using Pellicle.Privacy.Accounting;
using Pellicle.Privacy.Plan;

namespace Pellicle.Privacy.Tests.Plan;

public class StepScheduleTests
{
    [Theory]
    [InlineData("constant", "1 1 1 1")]
    [InlineData("exponential:0.5", "1 0.5 0.25 0.125")]
    [InlineData("step:0.5:2", "1 1 0.5 0.5")]
    [InlineData("table:1,0.8", "1 0.8 0.8 0.8")]
    public void A_text_gives_the_factor_of_each_epoch_and_is_written_back(string text, string factors)
    {
        Assert.True(StepSchedule.TryParse(text, out StepSchedule? schedule));
        Assert.Equal(factors, string.Join(' ', Enumerable.Range(0, 4).Select(epoch => FormattableString.Invariant($"{schedule.FactorAt(epoch)}"))));
        Assert.Equal(text, schedule.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("linear:0.5")]
    [InlineData("constant:1")]
    [InlineData("exponential")]
    [InlineData("exponential:0")]
    [InlineData("exponential:-1")]
    [InlineData("exponential:nan")]
    [InlineData("step:0.5")]
    [InlineData("step:0.5:0")]
    [InlineData("table:")]
    [InlineData("table:1,x")]
    [InlineData("table:1,0")]
    public void Other_texts_are_no_schedules(string? text) => Assert.False(StepSchedule.TryParse(text, out _));

    [Fact]
    public void A_schedule_that_runs_away_is_refused_by_name()
    {
        var options = new DpOptions { N = 100, ExpectedBatchSize = 10, Epochs = 1000, NoiseMultiplier = 1, Accountant = AccountantKind.Rdp, NoiseSchedule = new StepSchedule { Kind = ScheduleKind.Exponential, Gamma = 0.5 } };
        Assert.Contains(Assert.Throws<UsageException>(() => DpTrainingPlan.Create(options, 10)).Problems, p => p.Where == "noiseSchedule");
    }

    [Fact]
    public void The_noise_search_knows_the_schedule()
    {
        // Noise that falls to a half must start higher than constant noise for the same budget.
        var request = new PlanRequest { N = 6000, ExpectedBatchSize = 60, Epochs = 3, TargetEpsilon = 2, Accountant = AccountantKind.Rdp };
        BudgetPlan constant = BudgetPlanner.Plan(request);
        BudgetPlan falling = BudgetPlanner.Plan(request with { NoiseSchedule = new StepSchedule { Kind = ScheduleKind.Table, Table = [1, 0.75, 0.5] } });
        Assert.True(falling.NoiseMultiplier > 1.1 * constant.NoiseMultiplier);
        Assert.InRange(falling.Epsilon!.Value, 1.999, 2);
        Assert.Equal(3, falling.Privacy.Phases.Count);
    }
}
