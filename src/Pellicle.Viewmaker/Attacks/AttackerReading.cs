namespace Pellicle.Viewmaker.Attacks;

/// <summary>What one attacker read from the test pictures.</summary>
/// <param name="Name">Name of the attacker.</param>
/// <param name="TrainedOn">"original" or "obfuscated".</param>
/// <param name="Seed">Number of the repetition, from 0.</param>
/// <param name="Margins">For each column: n scores a class.</param>
/// <param name="Seconds">Wall-clock seconds.</param>
internal sealed record AttackerReading(string Name, string TrainedOn, int Seed, IReadOnlyList<double[][]> Margins, double Seconds)
{
    /// <summary>False for attackers that never saw an obfuscated picture, or that need the generator, whose weights are secret unless the owner publishes them: shown beside the others, never deciding.</summary>
    public bool Decides => TrainedOn == "obfuscated" && !NeedsGenerator;

    /// <summary>True for the attacker that takes the mean of several releases of the same original. The owner's key gives a picture one release; near-copies of it under other names have other noise, and count like this.</summary>
    public bool NeedsGenerator => Name == "averaging";
}
