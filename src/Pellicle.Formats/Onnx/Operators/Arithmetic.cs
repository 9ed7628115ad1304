using Pellicle.Formats.Onnx.Execution;

namespace Pellicle.Formats.Onnx.Operators;

/// <summary>Elementwise arithmetic with broadcasting.</summary>
internal static class Arithmetic
{
    public static OnnxTensor[] Add(NodeCall call) => Binary(call, (x, y) => x + y, (x, y) => x + y);

    public static OnnxTensor[] Subtract(NodeCall call) => Binary(call, (x, y) => x - y, (x, y) => x - y);

    public static OnnxTensor[] Multiply(NodeCall call) => Binary(call, (x, y) => x * y, (x, y) => x * y);

    public static OnnxTensor[] Divide(NodeCall call) => Binary(
        call,
        (x, y) => x / y,
        call.Operand(0).Type == OnnxElementType.UInt64 ? (x, y) => (long)((ulong)x / (ulong)y) : (x, y) => y == -1 ? -x : x / y);

    public static OnnxTensor[] Negate(NodeCall call) => Map(call, x => -x, x => -x);

    public static OnnxTensor[] Absolute(NodeCall call) =>
        Map(call, Math.Abs, call.Operand(0).Type == OnnxElementType.UInt64 ? x => x : x => x < 0 ? -x : x);

    public static OnnxTensor[] Sign(NodeCall call) =>
        Map(call, x => double.IsNaN(x) ? x : Math.Sign(x), call.Operand(0).Type == OnnxElementType.UInt64 ? x => x == 0 ? 0 : 1 : x => Math.Sign(x));

    public static OnnxTensor[] Sum(NodeCall call) => Fold(call, (x, y) => x + y, (x, y) => x + y);

    public static OnnxTensor[] Mean(NodeCall call)
    {
        int count = call.Operands.Count();
        OnnxTensor sum = Sum(call)[0];
        return [OnnxTensor.OfReals(sum.Type, sum.Dimensions, Array.ConvertAll(sum.ToDoubles(), x => x / count))];
    }

    public static OnnxTensor[] Maximum(NodeCall call) =>
        Fold(call, Math.Max, call.Operand(0).Type == OnnxElementType.UInt64 ? (x, y) => (long)Math.Max((ulong)x, (ulong)y) : Math.Max);

    public static OnnxTensor[] Minimum(NodeCall call) =>
        Fold(call, Math.Min, call.Operand(0).Type == OnnxElementType.UInt64 ? (x, y) => (long)Math.Min((ulong)x, (ulong)y) : Math.Min);

    // The exponent may have another type than the base; the result has that of the base.
    public static OnnxTensor[] Power(NodeCall call)
    {
        OnnxTensor x = call.Operand(0);
        OnnxTensor y = Aligned(call, x, call.Operand(1));
        if (x.IsFloating || y.IsFloating)
        {
            return [Zip(x, y, x.Type, Math.Pow)];
        }

        return [ZipIntegers(x, y, x.Type, WholePower)];
    }

    /// <summary>Applies a function of real numbers to a floating-point operand.</summary>
    public static OnnxTensor[] Map(NodeCall call, Func<double, double> function)
    {
        OnnxTensor x = call.Operand(0);
        return x.IsFloating ? [MapReals(x, function)] : throw new OperandException($"the operand is {x}; expected real numbers");
    }

    /// <summary>Applies a function of real numbers or one of integers, by the type of the operand.</summary>
    public static OnnxTensor[] Map(NodeCall call, Func<double, double> function, Func<long, long> ofIntegers)
    {
        OnnxTensor x = call.Operand(0);
        return [x.IsFloating ? MapReals(x, function) : OnnxTensor.OfIntegers(x.Type, x.Dimensions, Array.ConvertAll(x.Integers.ToArray(), value => ofIntegers(value)))];
    }

    /// <summary>Applies a function to each element of a floating-point tensor.</summary>
    public static OnnxTensor MapReals(OnnxTensor x, Func<double, double> function) =>
        OnnxTensor.OfReals(x.Type, x.Dimensions, Array.ConvertAll(x.ToDoubles(), value => function(value)));

    /// <summary>Combines two operands elementwise, broadcasting both.</summary>
    public static OnnxTensor Zip(OnnxTensor x, OnnxTensor y, OnnxElementType type, Func<double, double, double> function)
    {
        (long[] shape, int[]? ofX, int[]? ofY) = Common(x, y);
        double[] a = x.ToDoubles();
        double[] b = y.ToDoubles();
        var result = new double[OnnxShape.Count(shape)];
        for (int i = 0; i < result.Length; i++)
        {
            result[i] = function(a[ofX is null ? i : ofX[i]], b[ofY is null ? i : ofY[i]]);
        }

        return NodeCall.Result(type, shape, result);
    }

    /// <summary>Combines two integer operands elementwise, broadcasting both.</summary>
    public static OnnxTensor ZipIntegers(OnnxTensor x, OnnxTensor y, OnnxElementType type, Func<long, long, long> function)
    {
        (long[] shape, int[]? ofX, int[]? ofY) = Common(x, y);
        ReadOnlySpan<long> a = x.Integers;
        ReadOnlySpan<long> b = y.Integers;
        var result = new long[OnnxShape.Count(shape)];
        for (int i = 0; i < result.Length; i++)
        {
            result[i] = function(a[ofX is null ? i : ofX[i]], b[ofY is null ? i : ofY[i]]);
        }

        return OnnxTensor.OfIntegers(type, shape, result);
    }

    /// <summary>Before version 7 a second operand could be aligned with a middle axis of the first: trailing ones do the same.</summary>
    public static OnnxTensor Aligned(NodeCall call, OnnxTensor x, OnnxTensor y)
    {
        if (call.Opset >= 7 || !call.Has("axis"))
        {
            return y;
        }

        int after = x.Rank - NodeCall.Axis(call.Integer("axis"), x.Rank) - y.Rank;
        return after > 0 ? y.Reshape([.. y.Shape, .. Enumerable.Repeat(1L, after)]) : y;
    }

    private static OnnxTensor[] Binary(NodeCall call, Func<double, double, double> ofReals, Func<long, long, long> ofIntegers)
    {
        OnnxTensor x = call.Operand(0);
        return [Combine(x, Aligned(call, x, call.Operand(1)), ofReals, ofIntegers)];
    }

    private static OnnxTensor[] Fold(NodeCall call, Func<double, double, double> ofReals, Func<long, long, long> ofIntegers) =>
        [call.Operands.Aggregate((x, y) => Combine(x, y, ofReals, ofIntegers))];

    private static OnnxTensor Combine(OnnxTensor x, OnnxTensor y, Func<double, double, double> ofReals, Func<long, long, long> ofIntegers) =>
        x.Type != y.Type ? throw new OperandException($"the operands are {x} and {y}; expected one type")
        : x.IsFloating ? Zip(x, y, x.Type, ofReals)
        : ZipIntegers(x, y, x.Type, ofIntegers);

    private static (long[] Shape, int[]? OfX, int[]? OfY) Common(OnnxTensor x, OnnxTensor y)
    {
        long[] shape = NodeCall.Shape(OnnxShape.Broadcast(x.Dimensions, y.Dimensions) ?? throw new OperandException($"the operands are {x} and {y}, which cannot be broadcast to one shape"));
        return (shape, PlacesUnlessSame(x, shape), PlacesUnlessSame(y, shape));
    }

    private static int[]? PlacesUnlessSame(OnnxTensor x, long[] shape) =>
        x.Count == OnnxShape.Count(shape) ? null : OnnxShape.BroadcastPlaces(x.Dimensions, shape);

    private static long WholePower(long x, long exponent)
    {
        if (exponent < 0)
        {
            return (long)Math.Pow(x, exponent);
        }

        long result = 1;
        for (; exponent > 0; exponent >>= 1)
        {
            result *= (exponent & 1) == 1 ? x : 1;
            x *= x;
        }

        return result;
    }
}
