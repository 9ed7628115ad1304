namespace Pellicle.Privacy.Accounting;

/// <summary>The common mesh of a composition: spacing, window, and the errors that come with it.</summary>
/// <remarks>Gopi, Lee, Wutschitz 2021, Theorem 5 (Hoeffding form): rounding T mean-matched losses to spacing h moves their sum by more
/// than ε_err = h·√(T ln(12/δ_err)/2) with probability at most δ_err/12. The window holds all but δ_err/2 of the composed loss in
/// either direction, by the moment bound E e^((α−1)·loss) of the Rényi divergences.</remarks>
internal sealed class LossMesh
{
    private LossMesh(double spacing, int length, long first, double epsilonError, double deltaError, double tail)
    {
        Spacing = spacing;
        Length = length;
        First = first;
        EpsilonError = epsilonError;
        DeltaError = deltaError;
        Tail = tail;
    }

    /// <summary>h, in nats.</summary>
    public double Spacing { get; }

    /// <summary>Number of points, a power of two.</summary>
    public int Length { get; }

    /// <summary>Index of the lowest point of the window; point i stands for the loss i·h.</summary>
    public long First { get; }

    /// <summary>ε_err that the spacing really gives; larger than asked where the memory limit made it coarser.</summary>
    public double EpsilonError { get; }

    /// <summary>Probability left out by truncation, rounding and the transform's own rounding.</summary>
    public double DeltaError { get; }

    /// <summary>z such that each step's loss is kept between x = −zσ and x = 1 + zσ.</summary>
    public double Tail { get; }

    /// <summary>Plans the mesh of a composition.</summary>
    /// <param name="rdp">Gives the moments that bound the window.</param>
    /// <param name="phases">Distinct events.</param>
    /// <param name="epsilonError">ε_err asked for.</param>
    /// <param name="deltaError">δ_err.</param>
    /// <param name="maxLength">Most points that memory allows, a power of two.</param>
    /// <param name="upwards">Losses are rounded up: the sum may lie up to T·h higher.</param>
    public static LossMesh Plan(RdpAccountant rdp, IReadOnlyList<PrivacyPhase> phases, double epsilonError, double deltaError, int maxLength, bool upwards = false)
    {
        double steps = phases.Sum(p => p.Steps);
        double factor = Math.Sqrt(steps * Math.Log(12 / deltaError) / 2);
        double spacing = epsilonError / factor;
        double[] divergence = rdp.RdpOf(PrivacyHistory.Of(phases));
        double share = Math.Log(4 / deltaError);
        double top = double.PositiveInfinity;
        double bottom = double.PositiveInfinity;
        for (int i = 0; i < divergence.Length; i++)
        {
            double order = rdp.Orders[i];
            double moment = (order - 1) * divergence[i];
            if (double.IsFinite(moment))
            {
                // Markov on e^((α−1)S) above; below, E e^(−αS) <= e^moment in both directions.
                top = Math.Min(top, (moment + share) / (order - 1));
                bottom = Math.Min(bottom, (moment + share) / order);
            }
        }

        double drift = upwards ? steps : 0;
        double width = top + bottom;
        int length = 1024;
        while (length < maxLength && (length - drift - 4) * spacing < width)
        {
            length *= 2;
        }

        if ((length - drift - 4) * spacing < width)
        {
            // With more steps than points, rounding up gives nothing: the caller does not ask for it then.
            spacing = width / Math.Max(1, length - drift - 4);
        }

        double z = 5;
        while (z < 37 && steps * LogSpace.Phi(-z) > deltaError / 200)
        {
            z += 0.25;
        }

        // Rounding of transform and powers: about T + log N units in the last place of a total mass of 1.
        double rounding = 4e-16 * (steps + 64);
        return new LossMesh(spacing, length, (long)Math.Floor(-bottom / spacing) - 2, spacing * factor, deltaError + rounding, z);
    }
}
