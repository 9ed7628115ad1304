using Pellicle.Formats.Onnx.Execution;

namespace Pellicle.Formats.Onnx.Operators;

/// <summary>Interpolation along one axis: for each output position, source positions and weights.</summary>
internal sealed class ResizeAxis
{
    private readonly (int[] Places, double[] Weights)[] _taps;

    private ResizeAxis((int[] Places, double[] Weights)[] taps, bool[] isOutside, bool isIdentity)
    {
        _taps = taps;
        IsOutside = isOutside;
        IsIdentity = isIdentity;
    }

    /// <summary>Per output position: true if it lies outside the input (tf_crop_and_resize).</summary>
    public bool[] IsOutside { get; }

    /// <summary>True if the axis stays as it is.</summary>
    public bool IsIdentity { get; }

    /// <summary>Computes weights.</summary>
    /// <param name="mode">How to interpolate.</param>
    /// <param name="axis">Which axis, for its region.</param>
    /// <param name="from">Size of the input.</param>
    /// <param name="to">Size of the output.</param>
    /// <param name="scale">to / from, or the scale asked for.</param>
    public static ResizeAxis Of(ResizeMode mode, int axis, long from, long to, double scale)
    {
        bool isCrop = mode.Coordinates == "tf_crop_and_resize";
        if (from == to && scale == 1 && (!isCrop || mode.Regions[axis] == (0.0, 1.0)))
        {
            return new ResizeAxis([], new bool[to], true);
        }

        if (from == 0)
        {
            throw new OperandException("an axis of size 0 cannot be resized");
        }

        var taps = new (int[], double[])[to];
        var isOutside = new bool[to];
        for (int i = 0; i < to; i++)
        {
            double at = Source(mode, axis, i, from, to, scale);
            isOutside[i] = isCrop && (at < 0 || at > from - 1);
            taps[i] = Taps(mode, at, from, scale);
        }

        return new ResizeAxis(taps, isOutside, false);
    }

    /// <summary>Applies the weights along one axis.</summary>
    /// <param name="values">Elements of the operand.</param>
    /// <param name="shape">Shape of the result.</param>
    /// <param name="from">Shape of the operand.</param>
    /// <param name="axis">The axis.</param>
    public double[] Apply(double[] values, long[] shape, long[] from, int axis)
    {
        int inner = (int)OnnxShape.Product(shape.AsSpan(axis + 1));
        var result = new double[OnnxShape.Count(shape)];
        for (int i = 0; i < result.Length; i++)
        {
            (int[] places, double[] weights) = _taps[i / inner % (int)shape[axis]];
            int start = (i / inner / (int)shape[axis] * (int)from[axis] * inner) + (i % inner);
            double sum = 0;
            for (int k = 0; k < places.Length; k++)
            {
                sum += weights[k] * values[start + (places[k] * inner)];
            }

            result[i] = sum;
        }

        return result;
    }

    // The formulas of the operator's text. length is the size before rounding down, as in ONNX's reference implementation.
    private static double Source(ResizeMode mode, int axis, int i, long from, long to, double scale)
    {
        double length = scale * from;
        switch (mode.Coordinates)
        {
            case "half_pixel":
                return ((i + 0.5) / scale) - 0.5;
            case "half_pixel_symmetric":
                return (from / 2.0 * (1 - (to / length))) + ((i + 0.5) / scale) - 0.5;
            case "pytorch_half_pixel":
                return to > 1 ? ((i + 0.5) / scale) - 0.5 : 0;
            case "align_corners":
                return to > 1 ? i * (from - 1) / (length - 1) : 0;
            case "asymmetric":
                return i / scale;
            case "tf_half_pixel_for_nn":
                return (i + 0.5) / scale;
            case "tf_crop_and_resize":
                (double start, double end) = mode.Regions[axis];
                return to > 1 ? (start * (from - 1)) + (i * (end - start) * (from - 1) / (to - 1)) : 0.5 * (start + end) * (from - 1);
            default:
                throw new OperandException($"coordinate_transformation_mode is '{mode.Coordinates}', which is not known");
        }
    }

    private static (int[] Places, double[] Weights) Taps(ResizeMode mode, double at, long from, double scale)
    {
        double floor = Math.Floor(at);
        double ratio = at - floor;
        if (mode.Interpolation == "nearest")
        {
            bool isUp = mode.Nearest switch
            {
                "round_prefer_floor" => ratio > 0.5,
                "round_prefer_ceil" => ratio >= 0.5,
                "floor" => false,
                "ceil" => ratio > 0,
                _ => throw new OperandException($"nearest_mode is '{mode.Nearest}', which is not known"),
            };
            return ([(int)Math.Clamp(floor + (isUp ? 1 : 0), 0, from - 1)], [1]);
        }

        double reach = mode.Interpolation switch
        {
            "linear" => 1,
            "cubic" => 2,
            _ => throw new OperandException($"mode is '{mode.Interpolation}'; expected nearest, linear or cubic"),
        };
        double stretch = mode.IsAntialiased ? Math.Max(Math.Min(scale, 1), 1e-6) : 1;
        int first = (int)Math.Floor(-reach / stretch) + 1;
        int count = 2 - (2 * first);
        var places = new int[count];
        var weights = new double[count];
        for (int k = 0; k < count; k++)
        {
            double place = floor + first + k;
            double distance = Math.Abs((first + k - ratio) * stretch);
            places[k] = (int)Math.Clamp(place, 0, from - 1);
            weights[k] = mode.ExcludesOutside && (place < 0 || place > from - 1) ? 0 : mode.Interpolation == "linear" ? Math.Max(0, 1 - distance) : Cubic(distance, mode.CubicCoefficient);
        }

        double sum = weights.Sum();
        return (places, mode.ExcludesOutside || mode.IsAntialiased ? Array.ConvertAll(weights, weight => weight / sum) : weights);
    }

    private static double Cubic(double x, double a) =>
        x <= 1 ? ((((a + 2) * x) - (a + 3)) * x * x) + 1
        : x < 2 ? (((((a * x) - (5 * a)) * x) + (8 * a)) * x) - (4 * a)
        : 0;
}
