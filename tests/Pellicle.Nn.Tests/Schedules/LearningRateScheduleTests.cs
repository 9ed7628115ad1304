using Pellicle.Nn.Schedules;

namespace Pellicle.Nn.Tests.Schedules;

/// <summary>Curves against PyTorch 1.13.1 (torch.optim.lr_scheduler), computed 2026-11.</summary>
public sealed class LearningRateScheduleTests
{
    [Fact]
    public void One_cycle_is_torchs() => Check(
        new LearningRateSchedule { Kind = ScheduleKind.OneCycle, BaseRate = 0.5, TotalSteps = 10 },
        [0.02, 0.26, 0.5, 0.47524231600673683, 0.40587282697488153, 0.30563101096814466, 0.19437098903185537, 0.09412917302511849, 0.024759683993263143, 2e-06]);

    [Fact]
    public void Cosine_is_torchs_annealing() => Check(
        new LearningRateSchedule { Kind = ScheduleKind.Cosine, BaseRate = 0.5, TotalSteps = 8, FinalShare = 0.1 },
        [0.5, 0.48287289481503953, 0.4340990257669732, 0.36110377228214524, 0.275, 0.18889622771785486, 0.11590097423302685, 0.0671271051849605, 0.05]);

    [Fact]
    public void Step_is_torchs_step() => Check(
        new LearningRateSchedule { Kind = ScheduleKind.Step, BaseRate = 0.5, TotalSteps = 8, DropEvery = 3, DropFactor = 0.5 },
        [0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.125, 0.125]);

    [Fact]
    public void Warm_up_rises_in_equal_parts_to_the_base_rate() => Check(
        new LearningRateSchedule { BaseRate = 1, TotalSteps = 10, WarmUpSteps = 4 },
        [0.25, 0.5, 0.75, 1, 1, 1]);

    [Theory]
    [InlineData(ScheduleKind.Constant)]
    [InlineData(ScheduleKind.Step)]
    [InlineData(ScheduleKind.Cosine)]
    [InlineData(ScheduleKind.OneCycle)]
    public void Rates_are_finite_not_negative_and_stay_after_the_last_step(ScheduleKind kind)
    {
        foreach (long total in new long[] { 1, 2, 7, 1000 })
        {
            var schedule = new LearningRateSchedule { Kind = kind, BaseRate = 0.3, TotalSteps = total, WarmUpSteps = Math.Min(total, 3) };
            for (long step = 0; step < total + 5; step++)
            {
                Assert.InRange(schedule.RateAt(step), 0, 0.3 + 1e-12);
            }

            Assert.Equal(schedule.RateAt(total + 3), schedule.RateAt(total + 100));
        }
    }

    private static void Check(LearningRateSchedule schedule, double[] expected)
    {
        for (int step = 0; step < expected.Length; step++)
        {
            Assert.Equal(expected[step], schedule.RateAt(step), 1e-12);
        }
    }
}
