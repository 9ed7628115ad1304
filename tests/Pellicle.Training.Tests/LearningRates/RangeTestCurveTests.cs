using Pellicle.Training.LearningRates;

namespace Pellicle.Training.Tests.LearningRates;

public class RangeTestCurveTests
{
    [Fact]
    public void The_answer_is_a_tenth_of_the_rate_at_the_lowest_smoothed_loss()
    {
        var curve = new RangeTestCurve();
        for (int i = 0; i <= 60; i++)
        {
            // Falls to its lowest at 10^-2, then rises.
            double rate = Math.Pow(10, -4 + 0.05 * i);
            Assert.True(curve.Add(rate, 1 + 0.2 * Math.Abs(Math.Log10(rate / 1e-2))));
        }

        double lowest = curve.Points.MinBy(p => p.Loss)!.LearningRate;
        Assert.InRange(lowest, 1e-2, 5e-2); // the smoothed loss lags by about ten steps of 0.05 decades
        Assert.Equal(lowest / 10, curve.LearningRate()!.Value, 0.05 * lowest / 10);
    }

    [Fact]
    public void A_loss_that_doubles_or_is_no_number_ends_the_test()
    {
        var curve = new RangeTestCurve();
        Assert.True(curve.Add(1e-3, 1));
        Assert.True(curve.Add(2e-3, 0.5));
        Assert.False(curve.Add(4e-3, 100));
        Assert.False(new RangeTestCurve().Add(1e-3, double.NaN));
    }

    [Fact]
    public void A_loss_that_never_falls_gives_no_rate()
    {
        var curve = new RangeTestCurve();
        Assert.Null(curve.LearningRate());
        foreach (double loss in new[] { 0.69, 0.70, 0.68, 0.71, 0.69 })
        {
            curve.Add(1e-3, loss);
        }

        Assert.Null(curve.LearningRate());
    }

    [Fact]
    public void The_smoothed_loss_of_the_first_step_is_its_loss()
    {
        var curve = new RangeTestCurve();
        curve.Add(1e-3, 0.7);
        Assert.Equal(0.7, curve.Points[0].Loss, 1e-12);
    }
}
