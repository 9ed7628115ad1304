using Pellicle.Training.Metrics;

namespace Pellicle.Audit.Statistics;

/// <summary>What observed error rates of a membership guess say about epsilon.</summary>
/// <remarks>Under (ε, δ)-differential privacy every membership guess obeys TPR ≤ e^ε·FPR + δ and TNR ≤ e^ε·FNR + δ (Kairouz, Oh, Viswanath 2015, Thm 2.1).
/// With TPR ≥ t and FPR ≤ f this gives ε ≥ ln((t − δ)/f) and ε ≥ ln((1 − f − δ)/(1 − t)). Both follow from the same two bounds, so the larger may be taken
/// without spending confidence twice.</remarks>
public static class EpsilonFromRates
{
    /// <summary>Largest epsilon that the two bounds exclude.</summary>
    /// <param name="tprLow">Lower bound of the true positive rate, in [0, 1].</param>
    /// <param name="fprHigh">Upper bound of the false positive rate, in [0, 1].</param>
    /// <param name="delta">Delta of the guarantee, in [0, 1).</param>
    /// <returns>At least 0; infinite only if the bounds say that a rate is exactly zero.</returns>
    public static double LowerBound(double tprLow, double fprHigh, double delta)
    {
        CheckRate(tprLow, nameof(tprLow));
        CheckRate(fprHigh, nameof(fprHigh));
        CheckRate(delta, nameof(delta));
        return Math.Max(0, Math.Max(LogRatio(tprLow - delta, fprHigh), LogRatio(1 - fprHigh - delta, 1 - tprLow)));
    }

    /// <summary>Lower bound of epsilon from counts at one threshold that was fixed without looking at these counts.</summary>
    /// <remarks>Clopper–Pearson bounds of both rates, each with half of the error probability; independent trials are assumed.</remarks>
    /// <param name="truePositives">Members called members.</param>
    /// <param name="members">All members.</param>
    /// <param name="falsePositives">Non-members called members.</param>
    /// <param name="nonMembers">All non-members.</param>
    /// <param name="delta">Delta of the guarantee, in [0, 1).</param>
    /// <param name="confidence">In (0, 1).</param>
    public static double LowerBound(int truePositives, int members, int falsePositives, int nonMembers, double delta, double confidence)
    {
        double oneSided = (1 + confidence) / 2;
        return LowerBound(
            ClopperPearson.LowerBound(truePositives, members, oneSided),
            ClopperPearson.UpperBound(falsePositives, nonMembers, oneSided),
            delta);
    }

    private static double LogRatio(double numerator, double denominator) =>
        numerator <= 0 ? double.NegativeInfinity : Math.Log(numerator / denominator);

    private static void CheckRate(double value, string name)
    {
        if (!(value >= 0 && value <= 1))
        {
            throw new ArgumentOutOfRangeException(name, value, "expected a probability in [0, 1]");
        }
    }
}
