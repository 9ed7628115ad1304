using Pellicle.Core.Random;

namespace Pellicle.Audit.Tests.Statistics;

/// <summary>A mechanism whose privacy is known exactly: x + N(0, 1) with x = 0 or mu; delta(epsilon) by Balle and Wang 2018, Thm 8.</summary>
internal static class GaussianMechanism
{
    public static double MuFor(double epsilon, double delta)
    {
        double low = 1e-3;
        double high = 50;
        for (int i = 0; i < 100; i++)
        {
            double middle = (low + high) / 2;
            (low, high) = Delta(epsilon, middle) < delta ? (middle, high) : (low, middle);
        }

        return low;
    }

    public static double Delta(double epsilon, double mu) => Phi(mu / 2 - epsilon / mu) - Math.Exp(epsilon) * Phi(-mu / 2 - epsilon / mu);

    public static double[] Outputs(int count, double mean, ISeededRandom random) => [.. Enumerable.Range(0, count).Select(_ => mean + random.NextGaussian())];

    private static double Phi(double x) => MathNet.Numerics.Distributions.Normal.CDF(0, 1, x);
}
