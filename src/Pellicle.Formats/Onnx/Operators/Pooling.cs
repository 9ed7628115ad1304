using Pellicle.Formats.Onnx.Execution;

namespace Pellicle.Formats.Onnx.Operators;

/// <summary>Maximum and average over windows or whole planes.</summary>
internal static class Pooling
{
    /// <summary>Maximum of each window; the second result is its place in the input.</summary>
    public static OnnxTensor[] Maximum(NodeCall call)
    {
        OnnxTensor x = call.Operand(0);
        Windows windows = Windows.Of(call, x.Dimensions, Kernel(call));
        int[] places = windows.Places();
        double[] values = x.ToDoubles();
        long[] shape = NodeCall.Shape([x.Dimensions[0], x.Dimensions[1], .. windows.Output]);
        var best = new double[OnnxShape.Count(shape)];
        var found = new long[best.Length];
        long[]? columnMajor = call.Integer("storage_order", 0) == 1 ? ColumnMajor(x.Dimensions[2..]) : null;
        for (int i = 0; i < best.Length; i++)
        {
            int plane = i / windows.Count * windows.Plane;
            int place = -1;
            for (int k = 0; k < windows.Taps; k++)
            {
                int at = places[(k * windows.Count) + (i % windows.Count)];
                if (at >= 0 && (place < 0 || values[plane + at] > values[plane + place] || double.IsNaN(values[plane + at])))
                {
                    place = at;
                }
            }

            best[i] = place < 0 ? double.NegativeInfinity : values[plane + place];
            found[i] = plane + (place < 0 ? 0 : columnMajor?[place] ?? place);
        }

        return [NodeCall.Result(x.Type, shape, best), OnnxTensor.OfIntegers(OnnxElementType.Int64, shape, found)];
    }

    /// <summary>Average of each window, over the input's elements only or over the padding too (count_include_pad).</summary>
    public static OnnxTensor[] Average(NodeCall call)
    {
        OnnxTensor x = call.Operand(0);
        Windows windows = Windows.Of(call, x.Dimensions, Kernel(call));
        int[] places = windows.Places();
        int[]? padded = call.Integer("count_include_pad", 0) != 0 ? windows.PaddedCounts() : null;
        double[] values = x.ToDoubles();
        long[] shape = NodeCall.Shape([x.Dimensions[0], x.Dimensions[1], .. windows.Output]);
        var result = new double[OnnxShape.Count(shape)];
        for (int i = 0; i < result.Length; i++)
        {
            int plane = i / windows.Count * windows.Plane;
            int window = i % windows.Count;
            double sum = 0;
            int count = 0;
            for (int k = 0; k < windows.Taps; k++)
            {
                int at = places[(k * windows.Count) + window];
                if (at >= 0)
                {
                    sum += values[plane + at];
                    count++;
                }
            }

            result[i] = sum / (padded?[window] ?? count);
        }

        return [NodeCall.Result(x.Type, shape, result)];
    }

    public static OnnxTensor[] GlobalMaximum(NodeCall call) => Global(call, Reductions.MaximumOf);

    public static OnnxTensor[] GlobalAverage(NodeCall call) => Global(call, Reductions.MeanOf);

    private static OnnxTensor[] Global(NodeCall call, Func<double[], double> reduce)
    {
        OnnxTensor x = call.Operand(0);
        return x.Rank < 3 ? throw new OperandException($"the operand is {x}; expected [N, C, ...]")
            : [Reductions.Over(x, [.. Enumerable.Range(2, x.Rank - 2)], true, reduce)];
    }

    private static long[] Kernel(NodeCall call) => call.Integers("kernel_shape") ?? throw new OperandException("attribute 'kernel_shape' is missing");

    // Place of each element of a plane when the first axis runs fastest.
    private static long[] ColumnMajor(long[] plane)
    {
        var strides = new long[plane.Length];
        long stride = 1;
        for (int d = 0; d < plane.Length; d++)
        {
            strides[d] = stride;
            stride *= plane[d];
        }

        return Array.ConvertAll(OnnxShape.Places(plane, strides, 0), place => (long)place);
    }
}
