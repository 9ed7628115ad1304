using Pellicle.Formats.Onnx.Execution;

namespace Pellicle.Formats.Onnx.Operators;

/// <summary>Normalisations; statistics are formed in double precision.</summary>
internal static class Normalizations
{
    /// <summary>BatchNormalization with given statistics, or with those of the batch (training_mode, version 14).</summary>
    public static OnnxTensor[] Batch(NodeCall call)
    {
        OnnxTensor x = call.Operand(0);
        double epsilon = call.Real("epsilon", 1e-5);
        long[] shape = PerChannel(x, call.Opset < 9 && call.Integer("spatial", 1) == 0);
        double[] scale = call.Operand(1).ToDoubles();
        double[] shift = call.Operand(2).ToDoubles();
        OnnxTensor mean = call.Operand(3).Reshape(shape);
        OnnxTensor variance = call.Operand(4).Reshape(shape);
        if (call.Integer("training_mode", 0) == 0)
        {
            return [Affine(x, mean.ToDoubles(), variance.ToDoubles(), scale, shift, shape, epsilon)];
        }

        double momentum = call.Real("momentum", 0.9);
        int[] axes = [.. Enumerable.Range(0, x.Rank).Where(d => d != 1)];
        OnnxTensor wide = OnnxTensor.OfReals(OnnxElementType.Float64, x.Dimensions, x.ToDoubles());
        double[] batchMean = Reductions.Over(wide, axes, true, Reductions.MeanOf).ToDoubles();
        double[] batchVariance = Reductions.Over(wide, axes, true, VarianceOf).ToDoubles();
        return
        [
            Affine(x, batchMean, batchVariance, scale, shift, shape, epsilon),
            Running(call.Operand(3), batchMean, momentum),
            Running(call.Operand(4), batchVariance, momentum),
        ];
    }

    public static OnnxTensor[] Instance(NodeCall call)
    {
        OnnxTensor x = call.Operand(0);
        return [Grouped(x, x.Dimensions[1], call.Operand(1).ToDoubles(), call.Operand(2).ToDoubles(), call.Real("epsilon", 1e-5))];
    }

    // Scale and shift have one value a group in version 18 and one a channel from 21 on.
    public static OnnxTensor[] Group(NodeCall call)
    {
        OnnxTensor x = call.Operand(0);
        long groups = call.Integer("num_groups");
        double[] scale = call.Operand(1).ToDoubles();
        double[] shift = call.Operand(2).ToDoubles();
        if (groups < 1 || x.Rank < 3 || x.Dimensions[1] % groups != 0)
        {
            throw new OperandException($"{x} cannot be divided into {groups} groups of channels");
        }

        if (call.Opset < 21)
        {
            int each = (int)(x.Dimensions[1] / groups);
            scale = [.. scale.SelectMany(value => Enumerable.Repeat(value, each))];
            shift = [.. shift.SelectMany(value => Enumerable.Repeat(value, each))];
        }

        return [Grouped(x, groups, scale, shift, call.Real("epsilon", 1e-5))];
    }

    /// <summary>LayerNormalization over all axes from 'axis' on; also gives mean and 1/deviation.</summary>
    public static OnnxTensor[] Layer(NodeCall call)
    {
        OnnxTensor x = call.Operand(0);
        int[] axes = LastAxes(call, x);
        double epsilon = call.Real("epsilon", 1e-5);
        OnnxTensor wide = OnnxTensor.OfReals(OnnxElementType.Float64, x.Dimensions, x.ToDoubles());
        OnnxTensor mean = Reductions.Over(wide, axes, true, Reductions.MeanOf);
        OnnxTensor factor = Arithmetic.MapReals(Reductions.Over(wide, axes, true, VarianceOf), v => 1 / Math.Sqrt(v + epsilon));
        OnnxTensor normal = Arithmetic.Zip(Arithmetic.Zip(wide, mean, wide.Type, (v, m) => v - m), factor, wide.Type, (v, f) => v * f);
        normal = Arithmetic.Zip(normal, call.Operand(1), normal.Type, (v, s) => v * s);
        if (call.Optional(2) is { } shift)
        {
            normal = Arithmetic.Zip(normal, shift, normal.Type, (v, s) => v + s);
        }

        return
        [
            NodeCall.Result(x.Type, x.Dimensions, normal.ToDoubles()),
            NodeCall.Result(OnnxElementType.Float32, mean.Dimensions, mean.ToDoubles()),
            NodeCall.Result(OnnxElementType.Float32, factor.Dimensions, factor.ToDoubles()),
        ];
    }

    public static OnnxTensor[] RootMeanSquare(NodeCall call)
    {
        OnnxTensor x = call.Operand(0);
        double epsilon = call.Real("epsilon", 1e-5);
        OnnxTensor wide = OnnxTensor.OfReals(OnnxElementType.Float64, x.Dimensions, x.ToDoubles());
        OnnxTensor root = Reductions.Over(wide, LastAxes(call, x), true, values => Math.Sqrt(values.Sum(v => v * v) / values.Length + epsilon));
        OnnxTensor normal = Arithmetic.Zip(wide, root, wide.Type, (v, r) => v / r);
        return [Arithmetic.Zip(normal, call.Operand(1), x.Type, (v, s) => v * s)];
    }

    /// <summary>LRN: x / (bias + alpha/size · Σ x² over neighbouring channels)^beta.</summary>
    public static OnnxTensor[] LocalResponse(NodeCall call)
    {
        OnnxTensor x = call.Operand(0);
        long size = call.Integer("size");
        double alpha = call.Real("alpha", 1e-4);
        double beta = call.Real("beta", 0.75);
        double bias = call.Real("bias", 1);
        long channels = x.Dimensions[1];
        long plane = OnnxShape.Product(x.Dimensions.AsSpan(2));
        double[] values = x.ToDoubles();
        var result = new double[values.Length];
        for (long i = 0; i < result.Length; i++)
        {
            long channel = i / plane % channels;
            double sum = 0;
            for (long c = Math.Max(0, channel - ((size - 1) / 2)); c <= Math.Min(channels - 1, channel + (size / 2)); c++)
            {
                double v = values[i + ((c - channel) * plane)];
                sum += v * v;
            }

            result[i] = values[i] / Math.Pow(bias + (alpha / size * sum), beta);
        }

        return [NodeCall.Result(x.Type, x.Dimensions, result)];
    }

    private static double VarianceOf(double[] values)
    {
        double mean = Reductions.MeanOf(values);
        return values.Sum(v => (v - mean) * (v - mean)) / values.Length;
    }

    private static int[] LastAxes(NodeCall call, OnnxTensor x)
    {
        int axis = NodeCall.Axis(call.Integer("axis", -1), x.Rank);
        return [.. Enumerable.Range(axis, x.Rank - axis)];
    }

    private static long[] PerChannel(OnnxTensor x, bool isPerActivation) =>
        x.Rank < 2 ? [x.Rank == 1 ? 1 : throw new OperandException($"the operand is {x}; expected [N, C, ...]")]
        : isPerActivation ? [1, .. x.Dimensions[1..]]
        : [1, x.Dimensions[1], .. Enumerable.Repeat(1L, x.Rank - 2)];

    private static OnnxTensor Affine(OnnxTensor x, double[] mean, double[] variance, double[] scale, double[] shift, long[] shape, double epsilon)
    {
        int[] of = OnnxShape.BroadcastPlaces(shape, x.Dimensions);
        double[] values = x.ToDoubles();
        var result = new double[values.Length];
        for (int i = 0; i < result.Length; i++)
        {
            int c = of[i];
            result[i] = ((values[i] - mean[c]) / Math.Sqrt(variance[c] + epsilon) * scale[c]) + shift[c];
        }

        return NodeCall.Result(x.Type, x.Dimensions, result);
    }

    private static OnnxTensor Running(OnnxTensor former, double[] batch, double momentum) =>
        NodeCall.Result(former.Type, former.Dimensions, [.. former.ToDoubles().Zip(batch, (old, now) => (old * momentum) + (now * (1 - momentum)))]);

    private static OnnxTensor Grouped(OnnxTensor x, long groups, double[] scale, double[] shift, double epsilon)
    {
        long channels = x.Dimensions[1];
        OnnxTensor wide = OnnxTensor.OfReals(OnnxElementType.Float64, [x.Dimensions[0], groups, x.Count / Math.Max(1, x.Dimensions[0] * groups)], x.ToDoubles());
        double[] mean = Reductions.Over(wide, [2], true, Reductions.MeanOf).ToDoubles();
        double[] variance = Reductions.Over(wide, [2], true, VarianceOf).ToDoubles();
        double[] values = x.ToDoubles();
        var result = new double[values.Length];
        long plane = OnnxShape.Product(x.Dimensions.AsSpan(2));
        for (long i = 0; i < result.Length; i++)
        {
            long channel = i / plane % channels;
            long group = (i / (plane * channels) * groups) + (channel / (channels / groups));
            result[i] = ((values[i] - mean[group]) / Math.Sqrt(variance[group] + epsilon) * scale[channel]) + shift[channel];
        }

        return NodeCall.Result(x.Type, x.Dimensions, result);
    }
}
