using Pellicle.Formats.Onnx.Execution;

namespace Pellicle.Formats.Onnx.Operators;

/// <summary>Resize and Upsample: each axis is interpolated by itself, as all modes of ONNX are separable.</summary>
internal static class Resizing
{
    public static OnnxTensor[] Upsample(NodeCall call)
    {
        OnnxTensor x = call.Operand(0);
        double[] scales = call.Opset >= 9 ? call.Operand(1).ToDoubles() : Array.ConvertAll(call.Reals("scales") ?? [], scale => (double)scale);
        string mode = call.Text("mode", "nearest");
        return [Along(x, scales, null, new ResizeMode(mode == "nearest" ? mode : "linear", "asymmetric", "floor"), 0)];
    }

    public static OnnxTensor[] Resize(NodeCall call)
    {
        OnnxTensor x = call.Operand(0);
        if (call.Opset < 11)
        {
            return [Along(x, call.Operand(1).ToDoubles(), null, new ResizeMode(call.Text("mode", "nearest"), "asymmetric", "floor"), 0)];
        }

        int[] axes = call.Integers("axes") is { } asked ? [.. asked.Select(axis => NodeCall.Axis(axis, x.Rank))] : [.. Enumerable.Range(0, x.Rank)];
        double[] scales = [.. Enumerable.Repeat(1.0, x.Rank)];
        long[]? sizes = null;
        if (call.Optional(3) is { Count: > 0 } wanted)
        {
            sizes = [.. x.Dimensions];
            SetSizes(call, x, axes, NodeCall.IntegersOf(wanted), sizes, scales);
        }
        else
        {
            double[] given = call.Operand(2).ToDoubles();
            for (int i = 0; i < axes.Length; i++)
            {
                scales[axes[i]] = given[i];
            }
        }

        var mode = new ResizeMode(call.Text("mode", "nearest"), call.Text("coordinate_transformation_mode", "half_pixel"), call.Text("nearest_mode", "round_prefer_floor"))
        {
            CubicCoefficient = call.Real("cubic_coeff_a", -0.75),
            ExcludesOutside = call.Integer("exclude_outside", 0) != 0,
            IsAntialiased = call.Integer("antialias", 0) != 0,
            Regions = Regions(call, x.Rank, axes),
        };
        return [Along(x, scales, sizes, mode, call.Real("extrapolation_value", 0))];
    }

    private static void SetSizes(NodeCall call, OnnxTensor x, int[] axes, long[] wanted, long[] sizes, double[] scales)
    {
        double[] ratios = [.. axes.Select((d, i) => (double)wanted[i] / x.Dimensions[d])];
        string policy = call.Text("keep_aspect_ratio_policy", "stretch");
        double? common = policy switch
        {
            "stretch" => null,
            "not_larger" => ratios.Min(),
            "not_smaller" => ratios.Max(),
            _ => throw new OperandException($"keep_aspect_ratio_policy is '{policy}'"),
        };
        for (int i = 0; i < axes.Length; i++)
        {
            scales[axes[i]] = common ?? ratios[i];
            sizes[axes[i]] = common is { } ratio ? (long)((ratio * x.Dimensions[axes[i]]) + 0.5) : wanted[i];
        }
    }

    private static (double Start, double End)[] Regions(NodeCall call, int rank, int[] axes)
    {
        (double Start, double End)[] regions = [.. Enumerable.Repeat((0.0, 1.0), rank)];
        if (call.Optional(1) is { Count: > 0 } given)
        {
            double[] bounds = given.ToDoubles();
            for (int i = 0; i < axes.Length; i++)
            {
                regions[axes[i]] = (bounds[i], bounds[i + axes.Length]);
            }
        }

        return regions;
    }

    private static OnnxTensor Along(OnnxTensor x, double[] scales, long[]? sizes, ResizeMode mode, double extrapolation)
    {
        if (scales.Length != x.Rank || Array.Exists(scales, scale => !(scale > 0) || double.IsInfinity(scale)))
        {
            throw new OperandException($"the scales are [{string.Join(", ", scales)}]; expected {x.Rank} positive numbers");
        }

        long[] shape = NodeCall.Shape(sizes ?? [.. x.Dimensions.Select((size, d) => (long)Math.Min(size * scales[d], 1e15))]);
        var axes = new ResizeAxis[x.Rank];
        long[] now = [.. x.Dimensions];
        double[] values = x.ToDoubles();
        for (int d = 0; d < x.Rank; d++)
        {
            axes[d] = ResizeAxis.Of(mode, d, x.Dimensions[d], shape[d], scales[d]);
            if (!axes[d].IsIdentity)
            {
                values = axes[d].Apply(values, NodeCall.Shape([.. now.Select((size, k) => k == d ? shape[d] : size)]), now, d);
                now[d] = shape[d];
            }
        }

        if (mode.Coordinates == "tf_crop_and_resize")
        {
            int[] inside = Selection.Places(shape, shape, (d, i) => axes[d].IsOutside[i] ? -1 : i);
            values = [.. values.Select((value, i) => inside[i] < 0 ? extrapolation : value)];
        }

        return NodeCall.Result(x.Type, shape, values);
    }
}
