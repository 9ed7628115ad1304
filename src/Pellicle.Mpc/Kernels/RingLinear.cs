using Pellicle.Mpc.Core;

namespace Pellicle.Mpc.Kernels;

/// <summary>A linear layer modulo 2^64, group by group.</summary>
internal static class RingLinear
{
    /// <summary>output += weight · input.</summary>
    /// <param name="map">Shape.</param>
    /// <param name="weight">[Groups, Rows, Depth].</param>
    /// <param name="input">As the map's input.</param>
    /// <param name="output">[Groups, Rows, Columns].</param>
    public static void MultiplyAdd(LinearMap map, ReadOnlySpan<ulong> weight, ReadOnlySpan<ulong> input, Span<ulong> output)
    {
        int weights = map.Rows * map.Depth, outputs = map.Rows * map.Columns;
        for (int g = 0; g < map.Groups; g++)
        {
            RingMatrix.MultiplyAdd(map.Rows, map.Depth, map.Columns, weight.Slice(g * weights, weights), map.Unfold(g, input), output.Slice(g * outputs, outputs));
        }
    }
}
