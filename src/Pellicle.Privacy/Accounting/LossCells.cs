namespace Pellicle.Privacy.Accounting;

/// <summary>Probabilities of the cells of a mesh under the loss of one step, both directions in one pass.</summary>
/// <remarks>Direction "add" has the loss −L(x) with x ~ N(0, σ²): its cells are those of L in reverse order. So each edge is inverted once, and
/// the two normal tails beyond it serve the cells on either side of it in both directions.</remarks>
internal static class LossCells
{
    /// <summary>Fills the mass functions of one step.</summary>
    /// <param name="mechanism">The step.</param>
    /// <param name="mesh">The mesh.</param>
    /// <param name="edge">Lower edge of a point's cell in units of the spacing, relative to the point: −0.5 rounds to nearest, −1 up.</param>
    /// <param name="remove">Filled for direction "remove", cyclically: index i mod N; zero on entry.</param>
    /// <param name="add">The same for direction "add".</param>
    /// <returns>True mean less discretised mean, for each direction.</returns>
    public static (double Remove, double Add) Fill(MechanismEvent mechanism, LossMesh mesh, double edge, double[] remove, double[] add)
    {
        double h = mesh.Spacing;
        double q = mechanism.SampleRate;
        double sigma = mechanism.NoiseMultiplier;
        var loss = new PrivacyLoss(q, sigma, isRemove: true);
        (double low, double high) = loss.Range(mesh.Tail);
        long first = (long)Math.Floor(low / h - edge) - 1;
        long last = (long)Math.Ceiling(high / h - edge) + 1;
        long mirror = -(long)(2 * edge) - 1;
        long mask = remove.Length - 1;
        var removeMean = default(CompensatedMean);
        var addMean = default(CompensatedMean);
        double x = loss.Inverse((first + edge) * h);
        var absent = NormalTail.Beyond(x / sigma);
        var present = NormalTail.Beyond((x - 1) / sigma);
        for (long i = first; i <= last; i++)
        {
            x = loss.Inverse((i + edge + 1) * h);
            var nextAbsent = NormalTail.Beyond(x / sigma);
            var nextPresent = NormalTail.Beyond((x - 1) / sigma);
            double without = NormalTail.Between(absent, nextAbsent);
            double with = (1 - q) * without + q * NormalTail.Between(present, nextPresent);
            remove[i & mask] += with;
            removeMean.Add(with, i);
            add[(mirror - i) & mask] += without;
            addMean.Add(without, mirror - i);
            (absent, present) = (nextAbsent, nextPresent);
        }

        // Conditional on the kept range: divided by its mass, 1 − 1e-15 or so.
        Scale(remove, 1 / removeMean.Mass);
        Scale(add, 1 / addMean.Mass);
        double trueAdd = new PrivacyLoss(q, sigma, isRemove: false).Mean();
        return (loss.Mean() - removeMean.Value * h, trueAdd - addMean.Value * h);
    }

    private static void Scale(double[] masses, double factor)
    {
        for (int i = 0; i < masses.Length; i++)
        {
            masses[i] *= factor;
        }
    }

    /// <summary>The tail of the standard normal that a value cuts off, on the side where it is small: differences of neighbours stay accurate in both tails.</summary>
    private readonly record struct NormalTail(bool IsUpper, double Mass)
    {
        public static NormalTail Beyond(double u) => u > 0 ? new NormalTail(true, LogSpace.Phi(-u)) : new NormalTail(false, LogSpace.Phi(u));

        /// <summary>Φ(b) − Φ(a) for a &lt;= b.</summary>
        public static double Between(NormalTail a, NormalTail b) =>
            a.IsUpper ? a.Mass - b.Mass : b.IsUpper ? 1 - b.Mass - a.Mass : b.Mass - a.Mass;
    }

    /// <summary>Mean of a discrete loss, with Kahan's compensation: the shift of ten thousand steps multiplies its error.</summary>
    private struct CompensatedMean
    {
        private double _sum;
        private double _compensation;

        public double Mass { get; private set; }

        public readonly double Value => _sum / Mass;

        public void Add(double mass, long point)
        {
            Mass += mass;
            double term = mass * point - _compensation;
            double next = _sum + term;
            _compensation = next - _sum - term;
            _sum = next;
        }
    }
}
