namespace Pellicle.Privacy.Accounting;

/// <summary>The composed loss of one direction on the mesh, read as a privacy profile.</summary>
/// <param name="masses">Cyclic mass function, index i mod N.</param>
/// <param name="first">Index of the lowest point of the window.</param>
/// <param name="spacing">h.</param>
/// <param name="shift">What to add to every loss.</param>
internal sealed class LossComposition(double[] masses, long first, double spacing, double shift)
{
    /// <summary>Solves δ(ε) = Σ_{l>ε} p(l)(1 − e^(ε−l)) = delta for several deltas.</summary>
    /// <remarks>One pass from the top: with S the mass and E = Σ p(l)e^(l_i − l) above point i, δ(ε) = S − E e^(ε − l_i)
    /// between neighbouring points, which is solved in closed form. Answers may be negative; they are not cut off here.</remarks>
    /// <param name="deltas">Any order; at most 0 gives positive infinity, 1 or more gives negative infinity.</param>
    public double[] Epsilons(IReadOnlyList<double> deltas)
    {
        double[] epsilons = new double[deltas.Count];
        Array.Fill(epsilons, double.NegativeInfinity);
        int[] order = [.. Enumerable.Range(0, deltas.Count).OrderBy(i => deltas[i])];
        int next = 0;
        for (; next < order.Length && deltas[order[next]] <= 0; next++)
        {
            epsilons[order[next]] = double.PositiveInfinity;
        }

        double decay = Math.Exp(-spacing);
        double mass = 0;
        double weighted = 0; // E relative to the current point
        long mask = masses.Length - 1;
        for (long i = first + masses.Length - 1; i >= first && next < order.Length; i--)
        {
            double p = masses[i & mask];
            mass += p;
            weighted = p + weighted * decay;

            // Below point i the profile is mass − weighted·e^(ε − l_i); at the next lower point:
            double atLower = mass - weighted * decay;
            while (next < order.Length && atLower >= deltas[order[next]])
            {
                double excess = Math.Max((mass - deltas[order[next]]) / weighted, decay);
                epsilons[order[next]] = i * spacing + shift + Math.Min(0, Math.Log(excess));
                next++;
            }
        }

        return epsilons;
    }
}
