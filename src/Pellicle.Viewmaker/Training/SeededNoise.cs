using Pellicle.Core.Random;
using Pellicle.Viewmaker.Generators;

namespace Pellicle.Viewmaker.Training;

/// <summary>Noise of training, which protects nobody: it is seeded, so that a resumed game repeats it. Released pictures get theirs from a secret key.</summary>
internal static class SeededNoise
{
    /// <summary>A source of its own for each picture of a batch.</summary>
    /// <param name="rows">The batch.</param>
    /// <param name="random">Root.</param>
    public static NoiseSource Of(int[] rows, ISeededRandom random)
    {
        ISeededRandom[] own = [.. rows.Select((_, i) => random.Derive("noise", (ulong)i))];
        return (image, values) =>
        {
            foreach (ref float value in values)
            {
                value = (float)own[image].NextDouble();
            }
        };
    }
}
