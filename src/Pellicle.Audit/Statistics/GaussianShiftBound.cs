using MathNet.Numerics.Distributions;
using Pellicle.Privacy.Accounting;
using Pellicle.Training.Metrics;

namespace Pellicle.Audit.Statistics;

/// <summary>How far apart scores with and without a planted gradient lie, in standard deviations, and what that says about epsilon.</summary>
/// <param name="Mu">Estimate of μ: difference of the means over the larger of the two standard deviations; null if both are zero.</param>
/// <param name="MuLow">μ is at least this with the confidence asked for.</param>
/// <param name="EpsilonLowerBound">Epsilon of a Gaussian mechanism with <paramref name="MuLow"/>, at the audit's delta.</param>
/// <remarks>The score is a sum of log-likelihood ratios over the steps, near normal by the central limit theorem; two unit normals μ apart are the hypothesis test of
/// μ-Gaussian differential privacy (Dong, Roth, Su 2022). Standard error of the difference by Hedges and Olkin 1985, eq. 5.15. What that gives beyond the
/// tails which so many scores can show is not claimed: μ is capped by the Clopper–Pearson bounds of perfect separation, as in Nasr et al. 2023, section 4.</remarks>
public sealed record GaussianShiftBound(double? Mu, double MuLow, double EpsilonLowerBound)
{
    /// <summary>Computes the bound.</summary>
    /// <param name="scores">Scores with ("members") and without ("non-members") the planted gradient, finite.</param>
    /// <param name="delta">Delta of the guarantee, in (0, 1).</param>
    /// <param name="confidence">In (0, 1).</param>
    /// <returns>A bound of 0 if a side has fewer than 20 scores.</returns>
    public static GaussianShiftBound Of(MembershipScores scores, double delta, double confidence)
    {
        ArgumentNullException.ThrowIfNull(scores);
        int with = scores.Members.Count;
        int without = scores.NonMembers.Count;
        if (Math.Min(with, without) < 20)
        {
            return new GaussianShiftBound(null, 0, 0);
        }

        double difference = scores.Members.Average() - scores.NonMembers.Average();
        double spread = Math.Max(Deviation(scores.Members), Deviation(scores.NonMembers));
        double cap = LargestShown(with, without, confidence);
        if (spread == 0)
        {
            double shown = difference > 0 ? cap : 0;
            return new GaussianShiftBound(null, shown, EpsilonOf(shown, delta));
        }

        double mu = difference / spread;
        double error = Math.Sqrt(1.0 / with + 1.0 / without + mu * mu / (2.0 * (with + without - 2)));
        double low = Math.Clamp(mu - Normal.InvCDF(0, 1, confidence) * error, 0, cap);
        return new GaussianShiftBound(mu, low, EpsilonOf(low, delta));
    }

    private static double LargestShown(int with, int without, double confidence)
    {
        double oneSided = (1 + confidence) / 2;
        return -Normal.InvCDF(0, 1, ClopperPearson.UpperBound(0, with, oneSided)) - Normal.InvCDF(0, 1, ClopperPearson.UpperBound(0, without, oneSided));
    }

    private static double EpsilonOf(double mu, double delta) => mu == 0 ? 0 : GaussianProfile.Epsilon(mu, delta);

    private static double Deviation(IReadOnlyList<double> values)
    {
        double mean = values.Average();
        return Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Count - 1));
    }
}
