using Pellicle.Mpc.Core;

namespace Pellicle.Mpc.Kernels;

/// <summary>A linear layer modulo 2^64, group by group; a convolution is laid out as a matrix some columns at a time.</summary>
internal static class RingLinear
{
    /// <summary>output += weight · input.</summary>
    /// <param name="map">Shape.</param>
    /// <param name="weight">[Groups, Rows, Depth].</param>
    /// <param name="input">As the map's input.</param>
    /// <param name="output">[Groups, Rows, Columns].</param>
    /// <param name="buffers">For what is laid out.</param>
    public static void MultiplyAdd(LinearMap map, ReadOnlySpan<ulong> weight, ReadOnlySpan<ulong> input, Span<ulong> output, RingBuffers buffers)
    {
        int weights = map.Rows * map.Depth, outputs = map.Rows * map.Columns;
        for (int g = 0; g < map.Groups; g++)
        {
            ReadOnlySpan<ulong> matrix = weight.Slice(g * weights, weights);
            Span<ulong> result = output.Slice(g * outputs, outputs);
            if (map.IsLaidOutByColumns)
            {
                InBlocks(map, g, matrix, input, result, buffers);
            }
            else
            {
                RingMatrix.MultiplyAdd(map.Rows, map.Depth, map.Columns, matrix, map.Unfold(g, input), result);
            }
        }
    }

    private static void InBlocks(LinearMap map, int group, ReadOnlySpan<ulong> weight, ReadOnlySpan<ulong> input, Span<ulong> output, RingBuffers buffers)
    {
        int most = map.ColumnsAtOnce;
        ulong[] columns = buffers.Rent(map.Depth * most);
        if (most == map.Columns)
        {
            map.UnfoldColumns(group, input, 0, columns.AsSpan());
            RingMatrix.MultiplyAdd(map.Rows, map.Depth, most, weight, columns, output);
            buffers.Return(columns);
            return;
        }

        ulong[] products = buffers.Rent(map.Rows * most);
        for (int first = 0; first < map.Columns; first += most)
        {
            int width = Math.Min(most, map.Columns - first);
            Span<ulong> laidOut = columns.AsSpan(0, map.Depth * width), product = products.AsSpan(0, map.Rows * width);
            map.UnfoldColumns(group, input, first, laidOut);
            product.Clear();
            RingMatrix.MultiplyAdd(map.Rows, map.Depth, width, weight, laidOut, product);
            for (int row = 0; row < map.Rows; row++)
            {
                Span<ulong> line = output.Slice((row * map.Columns) + first, width);
                Ring64.Add(line, product.Slice(row * width, width), line);
            }
        }

        buffers.Return(columns, products);
    }
}
