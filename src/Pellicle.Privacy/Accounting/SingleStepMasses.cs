namespace Pellicle.Privacy.Accounting;

/// <summary>One step's privacy loss on the mesh, in both directions.</summary>
/// <param name="Spectrum">Of the two mass functions.</param>
/// <param name="RemoveShift">What to add to each loss of direction "remove".</param>
/// <param name="AddShift">What to add to each loss of direction "add".</param>
internal sealed record SingleStepMasses(LossSpectrum Spectrum, double RemoveShift, double AddShift)
{
    /// <summary>Rounds to the nearest point; the shift makes the mean of the rounded loss the true mean.</summary>
    public static SingleStepMasses Nearest(MechanismEvent mechanism, LossMesh mesh)
    {
        double[] remove = new double[mesh.Length];
        double[] add = new double[mesh.Length];
        double removeShift = Fill(new PrivacyLoss(mechanism.SampleRate, mechanism.NoiseMultiplier, true), mesh, remove, -0.5);
        double addShift = Fill(new PrivacyLoss(mechanism.SampleRate, mechanism.NoiseMultiplier, false), mesh, add, -0.5);
        return new SingleStepMasses(LossSpectrum.Of(remove, add), removeShift, addShift);
    }

    /// <summary>Rounds every loss up: the mass of (l − h, l] goes to l. No shift.</summary>
    public static SingleStepMasses Upwards(MechanismEvent mechanism, LossMesh mesh)
    {
        double[] remove = new double[mesh.Length];
        double[] add = new double[mesh.Length];
        Fill(new PrivacyLoss(mechanism.SampleRate, mechanism.NoiseMultiplier, true), mesh, remove, -1);
        Fill(new PrivacyLoss(mechanism.SampleRate, mechanism.NoiseMultiplier, false), mesh, add, -1);
        return new SingleStepMasses(LossSpectrum.Of(remove, add), 0, 0);
    }

    /// <param name="loss">The random variable.</param>
    /// <param name="mesh">The mesh.</param>
    /// <param name="masses">Filled, cyclically: index i mod N.</param>
    /// <param name="edge">Lower edge of a point's cell in units of the spacing, relative to the point.</param>
    /// <returns>True mean less discretised mean.</returns>
    private static double Fill(PrivacyLoss loss, LossMesh mesh, double[] masses, double edge)
    {
        double h = mesh.Spacing;
        (double low, double high) = loss.Range(mesh.Tail);
        long first = (long)Math.Floor(low / h - edge) - 1;
        long last = (long)Math.Ceiling(high / h - edge) + 1;
        long mask = masses.Length - 1;
        double sum = 0;
        double mean = 0;
        double compensation = 0;
        for (long i = first; i <= last; i++)
        {
            double mass = loss.Mass((i + edge) * h, (i + edge + 1) * h);
            masses[i & mask] += mass;
            sum += mass;
            double term = mass * i - compensation;
            double next = mean + term;
            compensation = next - mean - term;
            mean = next;
        }

        // Conditional on the kept range: divide by its mass, 1 − 1e-15 or so.
        double scale = 1 / sum;
        for (int i = 0; i < masses.Length; i++)
        {
            masses[i] *= scale;
        }

        return loss.Mean() - mean * scale * h;
    }
}
