using Pellicle.Formats.Onnx.Execution;

namespace Pellicle.Formats.Onnx.Operators;

/// <summary>Conv and ConvTranspose in any number of dimensions, with groups and dilations.</summary>
internal static class Convolutions
{
    // Columns of the unfolded input held at once: 2^20 doubles are 8 MB.
    private const int TileElements = 1 << 20;

    /// <summary>x [N, C, ...], w [M, C/g, k...], bias [M] → [N, M, ...].</summary>
    public static OnnxTensor[] Convolution(NodeCall call)
    {
        OnnxTensor x = call.Operand(0);
        OnnxTensor w = call.Operand(1);
        long groups = call.Integer("group", 1);
        if (w.Rank != x.Rank || groups < 1 || w.Dimensions[0] % groups != 0 || x.Dimensions[1] != w.Dimensions[1] * groups)
        {
            throw new OperandException($"the input is {x} and the weight {w} in {groups} groups, which do not fit");
        }

        Windows windows = Windows.Of(call, x.Dimensions, w.Dimensions[2..]);
        int batch = (int)x.Dimensions[0];
        int channels = (int)w.Dimensions[1];
        int filters = (int)(w.Dimensions[0] / groups);
        int count = windows.Count;
        int inner = channels * windows.Taps;
        int[] places = windows.Places();
        double[] image = x.ToDoubles();
        double[] weights = w.ToDoubles();
        double[]? bias = call.Optional(2)?.ToDoubles();
        long[] shape = NodeCall.Shape([batch, w.Dimensions[0], .. windows.Output]);
        var result = new double[OnnxShape.Count(shape)];
        int tile = Math.Min(count, Math.Max(64, TileElements / inner));
        for (int n = 0; n < batch; n++)
        {
            for (int g = 0; g < groups; g++)
            {
                int from = (int)((n * x.Dimensions[1]) + (g * channels)) * windows.Plane;
                int to = (int)((n * w.Dimensions[0]) + (g * filters)) * count;
                for (int start = 0; start < count; start += tile)
                {
                    int columns = Math.Min(tile, count - start);
                    double[] unfolded = Unfold(image, from, places, windows, channels, start, columns);
                    var sums = new double[filters * columns];
                    MatrixProduct.Multiply(weights, g * filters * inner, unfolded, sums, filters, inner, columns);
                    for (int m = 0; m < filters; m++)
                    {
                        double shift = bias is null ? 0 : bias[(g * filters) + m];
                        for (int p = 0; p < columns; p++)
                        {
                            result[to + (m * count) + start + p] = sums[(m * columns) + p] + shift;
                        }
                    }
                }
            }
        }

        return [NodeCall.Result(x.Type, shape, result)];
    }

    /// <summary>x [N, C, ...], w [C, M/g, k...], bias [M] → [N, M, ...].</summary>
    public static OnnxTensor[] Transposed(NodeCall call)
    {
        OnnxTensor x = call.Operand(0);
        OnnxTensor w = call.Operand(1);
        long groups = call.Integer("group", 1);
        if (w.Rank != x.Rank || x.Rank < 3 || groups < 1 || x.Dimensions[1] != w.Dimensions[0] || w.Dimensions[0] % groups != 0)
        {
            throw new OperandException($"the input is {x} and the weight {w} in {groups} groups, which do not fit");
        }

        TransposedGeometry geometry = TransposedGeometry.Of(call, x.Dimensions[2..], w.Dimensions[2..]);
        int batch = (int)x.Dimensions[0];
        int channels = (int)(x.Dimensions[1] / groups);
        int filters = (int)w.Dimensions[1];
        int taps = (int)OnnxShape.Product(w.Dimensions.AsSpan(2));
        int plane = (int)OnnxShape.Product(x.Dimensions.AsSpan(2));
        long[] shape = NodeCall.Shape([batch, filters * groups, .. geometry.Output]);
        int outPlane = (int)OnnxShape.Product(geometry.Output);
        int[] places = geometry.Places();
        double[] image = x.ToDoubles();
        double[] weights = w.ToDoubles();
        double[]? bias = call.Optional(2)?.ToDoubles();
        var result = new double[OnnxShape.Count(shape)];
        for (int n = 0; n < batch; n++)
        {
            for (int m = 0; m < filters * groups; m++)
            {
                int group = m / filters;
                Span<double> target = result.AsSpan(((n * filters * (int)groups) + m) * outPlane, outPlane);
                target.Fill(bias is null ? 0 : bias[m]);
                for (int c = group * channels; c < (group + 1) * channels; c++)
                {
                    ReadOnlySpan<double> source = image.AsSpan(((n * (int)x.Dimensions[1]) + c) * plane, plane);
                    for (int k = 0; k < taps; k++)
                    {
                        double weight = weights[(((c * filters) + (m % filters)) * taps) + k];
                        for (int p = 0; p < plane; p++)
                        {
                            int place = places[(k * plane) + p];
                            if (place >= 0)
                            {
                                target[place] += weight * source[p];
                            }
                        }
                    }
                }
            }
        }

        return [NodeCall.Result(x.Type, shape, result)];
    }

    /// <summary>A convolution, an optional fourth operand added, and an activation (com.microsoft).</summary>
    public static OnnxTensor[] FusedConvolution(NodeCall call)
    {
        OnnxTensor sum = Convolution(call)[0];
        if (call.Optional(3) is { } other)
        {
            sum = Arithmetic.Zip(sum, other, sum.Type, (x, y) => x + y);
        }

        float[] parameters = call.Reals("activation_params") ?? [];
        return call.Text("activation", "") switch
        {
            "" => [sum],
            "Relu" => [Arithmetic.MapReals(sum, x => Math.Max(x, 0))],
            "Tanh" => [Arithmetic.MapReals(sum, Math.Tanh)],
            "Sigmoid" => [Arithmetic.MapReals(sum, x => 1 / (1 + Math.Exp(-x)))],
            "LeakyRelu" when parameters.Length == 1 => [Arithmetic.MapReals(sum, x => x < 0 ? parameters[0] * x : x)],
            "Clip" when parameters.Length == 2 => [Arithmetic.MapReals(sum, x => Math.Min(parameters[1], Math.Max(x, parameters[0])))],
            string other2 => throw new OperandException($"activation '{other2}' with {parameters.Length} parameters is not known"),
        };
    }

    private static double[] Unfold(double[] image, int from, int[] places, Windows windows, int channels, int start, int columns)
    {
        var unfolded = new double[channels * windows.Taps * columns];
        int row = 0;
        for (int c = 0; c < channels; c++)
        {
            int plane = from + (c * windows.Plane);
            for (int k = 0; k < windows.Taps; k++, row++)
            {
                ReadOnlySpan<int> sources = places.AsSpan((k * windows.Count) + start, columns);
                Span<double> target = unfolded.AsSpan(row * columns, columns);
                for (int p = 0; p < columns; p++)
                {
                    target[p] = sources[p] < 0 ? 0 : image[plane + sources[p]];
                }
            }
        }

        return unfolded;
    }
}
