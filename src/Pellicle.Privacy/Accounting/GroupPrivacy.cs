namespace Pellicle.Privacy.Accounting;

/// <summary>What a guarantee for one unit means for a group, such as all images of one patient when the unit is the image.</summary>
/// <param name="GroupSize">k units.</param>
/// <param name="Epsilon">For the whole group.</param>
/// <param name="Delta">For the whole group.</param>
public sealed record GroupPrivacy(int GroupSize, double Epsilon, double Delta)
{
    /// <summary>The group figure at a wanted delta.</summary>
    /// <remarks>k hops of (ε', δ') give (kε', δ'(e^(kε') − 1)/(e^ε' − 1)) (Dwork and Roth 2014, Theorem 2.2 and its δ form). The single-unit δ' is chosen
    /// so that the group δ is the wanted one.</remarks>
    /// <param name="accountant">Any bound; the rdp accountant is fast and reaches small deltas.</param>
    /// <param name="history">What happened.</param>
    /// <param name="groupSize">k, at least 1.</param>
    /// <param name="delta">Wanted delta of the group, in (0, 1).</param>
    /// <returns>Null if no single-unit delta down to 1e-300 reaches it.</returns>
    public static GroupPrivacy? For(RdpAccountant accountant, PrivacyHistory history, int groupSize, double delta)
    {
        ArgumentNullException.ThrowIfNull(accountant);
        ArgumentOutOfRangeException.ThrowIfLessThan(groupSize, 1);
        double low = Math.Log(1e-300);
        double high = Math.Log(delta);
        if (LogGroupDelta(accountant, history, groupSize, low) > high)
        {
            return null;
        }

        for (int i = 0; i < 60; i++)
        {
            double middle = 0.5 * (low + high);
            if (LogGroupDelta(accountant, history, groupSize, middle) <= Math.Log(delta))
            {
                low = middle;
            }
            else
            {
                high = middle;
            }
        }

        double epsilon = accountant.Epsilon(history, Math.Exp(low)).Epsilon;
        return double.IsFinite(epsilon) ? new GroupPrivacy(groupSize, groupSize * epsilon, delta) : null;
    }

    private static double LogGroupDelta(RdpAccountant accountant, PrivacyHistory history, int k, double logDelta)
    {
        double epsilon = accountant.Epsilon(history, Math.Exp(logDelta)).Epsilon;
        return epsilon < 1e-12
            ? logDelta + Math.Log(k)
            : logDelta + LogSpace.LogExpM1(k * epsilon) - LogSpace.LogExpM1(epsilon);
    }
}
