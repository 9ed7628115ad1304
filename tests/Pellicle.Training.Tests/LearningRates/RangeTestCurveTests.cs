using Pellicle.Core.Random;
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
    public void Scatter_alone_gives_no_rate_and_a_fall_beyond_it_does()
    {
        Assert.Null(new RangeTestCurve().LearningRate());
        int answers = 0;
        for (ulong seed = 0; seed < 200; seed++)
        {
            answers += Curve(seed, fall: 0).LearningRate() is null ? 0 : 1;
        }

        // Three standard errors, seven or so independent chances a curve: about one in a hundred; ten of 200 would be chance once in 100,000.
        Assert.InRange(answers, 0, 10);
        Assert.All(Enumerable.Range(0, 20), seed => Assert.NotNull(Curve((ulong)seed, fall: 0.15).LearningRate()));
    }

    [Fact]
    public void The_smoothed_loss_of_the_first_step_is_its_loss()
    {
        var curve = new RangeTestCurve();
        curve.Add(1e-3, 0.7);
        Assert.Equal(0.7, curve.Points[0].Loss, 1e-12);
    }

    // Losses of 0.69 with a scatter of 0.04, which fall by so much towards the middle of the rates.
    private static RangeTestCurve Curve(ulong seed, double fall)
    {
        var random = new SeededRandom(seed);
        var curve = new RangeTestCurve();
        for (int i = 0; i < 100; i++)
        {
            double share = Math.Clamp((i - 20) / 40.0, 0, 1);
            curve.Add(Math.Pow(10, -5 + 0.05 * i), 0.69 - fall * share + 0.04 * random.NextGaussian());
        }

        return curve;
    }
}
