using Pellicle.Formats.Onnx.Execution;

namespace Pellicle.Formats.Onnx.Operators;

/// <summary>Reductions over axes, and the functions made of them.</summary>
internal static class Reductions
{
    public static OnnxTensor[] Mean(NodeCall call) => Reduce(call, MeanOf);

    public static OnnxTensor[] Sum(NodeCall call) => Reduce(call, values => values.Sum());

    public static OnnxTensor[] Maximum(NodeCall call) => Reduce(call, MaximumOf);

    public static OnnxTensor[] Minimum(NodeCall call) => Reduce(call, values => values.Length == 0 ? OnnxElement.Highest(call.Operand(0).Type) : values.Aggregate(Math.Min));

    public static OnnxTensor[] Product(NodeCall call) => Reduce(call, values => values.Aggregate(1.0, (x, y) => x * y));

    public static OnnxTensor[] L1(NodeCall call) => Reduce(call, values => values.Sum(Math.Abs));

    public static OnnxTensor[] L2(NodeCall call) => Reduce(call, values => Math.Sqrt(values.Sum(x => x * x)));

    public static OnnxTensor[] SumOfSquares(NodeCall call) => Reduce(call, values => values.Sum(x => x * x));

    public static OnnxTensor[] LogSum(NodeCall call) => Reduce(call, values => Math.Log(values.Sum()));

    public static OnnxTensor[] LogSumExp(NodeCall call) => Reduce(call, LogSumExpOf);

    public static OnnxTensor[] ArgMaximum(NodeCall call) => ArgBest(call, (x, best) => x > best);

    public static OnnxTensor[] ArgMinimum(NodeCall call) => ArgBest(call, (x, best) => x < best);

    public static OnnxTensor[] Softmax(NodeCall call) => Normalize(call, (x, log) => Math.Exp(x - log));

    public static OnnxTensor[] LogSoftmax(NodeCall call) => Normalize(call, (x, log) => x - log);

    public static double MeanOf(double[] values) => values.Sum() / values.Length;

    public static double MaximumOf(double[] values) => values.Length == 0 ? double.NegativeInfinity : values.Aggregate(Math.Max);

    /// <summary>Reduces a tensor over axes.</summary>
    /// <param name="x">The operand.</param>
    /// <param name="axes">Counted from the front.</param>
    /// <param name="keep">True to keep reduced axes with size 1.</param>
    /// <param name="reduce">Of all values along the axes.</param>
    public static OnnxTensor Over(OnnxTensor x, int[] axes, bool keep, Func<double[], double> reduce)
    {
        long[] strides = OnnxShape.Strides(x.Dimensions);
        int[] rest = [.. Enumerable.Range(0, x.Rank).Except(axes)];
        int[] starts = OnnxShape.Places([.. rest.Select(d => x.Dimensions[d])], [.. rest.Select(d => strides[d])], 0);
        int[] steps = OnnxShape.Places([.. axes.Select(d => x.Dimensions[d])], [.. axes.Select(d => strides[d])], 0);
        double[] values = x.ToDoubles();
        var result = new double[starts.Length];
        var along = new double[steps.Length];
        for (int i = 0; i < result.Length; i++)
        {
            for (int k = 0; k < along.Length; k++)
            {
                along[k] = values[starts[i] + steps[k]];
            }

            result[i] = reduce(along);
        }

        long[] shape = keep ? [.. x.Dimensions.Select((size, d) => axes.Contains(d) ? 1 : size)] : [.. rest.Select(d => x.Dimensions[d])];
        return NodeCall.Result(x.Type, shape, Saturated(x.Type, result));
    }

    // The maximum of nothing is minus infinity, which integers hold as their least value.
    private static double[] Saturated(OnnxElementType type, double[] values) =>
        OnnxElement.IsFloating(type) ? values : Array.ConvertAll(values, value => double.IsNegativeInfinity(value) ? Least(type) : value);

    private static double Least(OnnxElementType type) => type switch
    {
        OnnxElementType.Int8 => sbyte.MinValue,
        OnnxElementType.Int16 => short.MinValue,
        OnnxElementType.Int32 => int.MinValue,
        OnnxElementType.Int64 => long.MinValue,
        _ => 0,
    };

    // Axes are an attribute, then an operand: from version 13 for ReduceSum, from 18 for the others.
    private static OnnxTensor[] Reduce(NodeCall call, Func<double[], double> reduce)
    {
        OnnxTensor x = call.Operand(0);
        long[] asked = call.IntegersFrom("axes", 1) ?? [];
        if (asked.Length == 0 && call.Integer("noop_with_empty_axes", 0) != 0)
        {
            return [x];
        }

        int[] axes = asked.Length == 0 ? [.. Enumerable.Range(0, x.Rank)] : [.. asked.Select(axis => NodeCall.Axis(axis, x.Rank)).Distinct().Order()];
        return [Over(x, axes, call.Integer("keepdims", 1) != 0, reduce)];
    }

    private static OnnxTensor[] ArgBest(NodeCall call, Func<double, double, bool> isBetter)
    {
        OnnxTensor x = call.Operand(0);
        int axis = NodeCall.Axis(call.Integer("axis", 0), x.Rank);
        bool takesLast = call.Integer("select_last_index", 0) != 0;
        OnnxTensor found = Over(OnnxTensor.OfReals(OnnxElementType.Float64, x.Dimensions, x.ToDoubles()), [axis], call.Integer("keepdims", 1) != 0, values =>
        {
            int best = 0;
            for (int i = 1; i < values.Length; i++)
            {
                best = isBetter(values[i], values[best]) || (takesLast && values[i] == values[best]) ? i : best;
            }

            return best;
        });
        return [NodeCall.Result(OnnxElementType.Int64, found.Dimensions, found.ToDoubles())];
    }

    // Before version 13 all axes from 'axis' on (default 1) are one; from then on 'axis' (default the last) stands alone.
    private static OnnxTensor[] Normalize(NodeCall call, Func<double, double, double> function)
    {
        OnnxTensor x = call.Operand(0);
        int axis = NodeCall.Axis(call.Integer("axis", call.Opset < 13 ? 1 : -1), Math.Max(x.Rank, 1));
        int[] axes = call.Opset < 13 ? [.. Enumerable.Range(axis, x.Rank - axis)] : [axis];
        OnnxTensor wide = OnnxTensor.OfReals(OnnxElementType.Float64, x.Dimensions, x.ToDoubles());
        return [Arithmetic.Zip(wide, Over(wide, axes, true, LogSumExpOf), x.Type, function)];
    }

    private static double LogSumExpOf(double[] values)
    {
        double most = MaximumOf(values);
        return double.IsInfinity(most) ? most : most + Math.Log(values.Sum(x => Math.Exp(x - most)));
    }
}
