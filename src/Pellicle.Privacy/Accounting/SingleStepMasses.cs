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
        (double removeShift, double addShift) = LossCells.Fill(mechanism, mesh, -0.5, remove, add);
        return new SingleStepMasses(LossSpectrum.Of(remove, add), removeShift, addShift);
    }

    /// <summary>Rounds every loss up: the mass of (l − h, l] goes to l. No shift.</summary>
    public static SingleStepMasses Upwards(MechanismEvent mechanism, LossMesh mesh)
    {
        double[] remove = new double[mesh.Length];
        double[] add = new double[mesh.Length];
        LossCells.Fill(mechanism, mesh, -1, remove, add);
        return new SingleStepMasses(LossSpectrum.Of(remove, add), 0, 0);
    }
}
