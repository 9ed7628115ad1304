using System.Numerics;
using System.Runtime.InteropServices;

namespace Pellicle.Data.Augmentations;

/// <summary>Linear change of pixel levels.</summary>
internal static class Levels
{
    /// <summary>v ← gain · v + offset for all values.</summary>
    public static void Change(Span<float> values, float gain, float offset)
    {
        Span<Vector<float>> wide = MemoryMarshal.Cast<float, Vector<float>>(values);
        var offsets = new Vector<float>(offset);
        for (int i = 0; i < wide.Length; i++)
        {
            wide[i] = wide[i] * gain + offsets;
        }

        for (int i = wide.Length * Vector<float>.Count; i < values.Length; i++)
        {
            values[i] = values[i] * gain + offset;
        }
    }
}
