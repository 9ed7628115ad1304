using Pellicle.Formats.Onnx.Execution;

namespace Pellicle.Formats.Onnx.Operators;

/// <summary>Activation functions, with the constants of their operator texts.</summary>
internal static class Activations
{
    public static OnnxTensor[] Relu(NodeCall call) => Arithmetic.Map(call, x => x < 0 ? 0 : x, x => x < 0 ? 0 : x);

    public static OnnxTensor[] LeakyRelu(NodeCall call)
    {
        double alpha = call.Real("alpha", 0.01);
        return Arithmetic.Map(call, x => x < 0 ? alpha * x : x);
    }

    // The slope is broadcast to the operand; before version 7 a slope of several values belonged to the channels.
    public static OnnxTensor[] PRelu(NodeCall call)
    {
        OnnxTensor x = call.Operand(0);
        OnnxTensor slope = call.Operand(1);
        if (call.Opset < 7 && slope.Count > 1 && slope.Rank == 1 && x.Rank > 2)
        {
            slope = slope.Reshape([slope.Count, .. Enumerable.Repeat(1L, x.Rank - 2)]);
        }

        OnnxTensor result = x.IsFloating ? Arithmetic.Zip(x, slope, x.Type, (v, s) => v < 0 ? s * v : v) : Arithmetic.ZipIntegers(x, slope, x.Type, (v, s) => v < 0 ? s * v : v);
        return result.Count == x.Count ? [result] : throw new OperandException($"the slope {slope} does not fit {x}");
    }

    public static OnnxTensor[] Elu(NodeCall call)
    {
        double alpha = call.Real("alpha", 1);
        return Arithmetic.Map(call, x => x < 0 ? alpha * (Math.Exp(x) - 1) : x);
    }

    public static OnnxTensor[] Selu(NodeCall call)
    {
        double alpha = call.Real("alpha", 1.67326319217681884765625);
        double gamma = call.Real("gamma", 1.05070102214813232421875);
        return Arithmetic.Map(call, x => gamma * (x > 0 ? x : alpha * (Math.Exp(x) - 1)));
    }

    public static OnnxTensor[] Celu(NodeCall call)
    {
        double alpha = call.Real("alpha", 1);
        return Arithmetic.Map(call, x => Math.Max(0, x) + Math.Min(0, alpha * (Math.Exp(x / alpha) - 1)));
    }

    public static OnnxTensor[] ThresholdedRelu(NodeCall call)
    {
        double alpha = call.Real("alpha", 1);
        return Arithmetic.Map(call, x => x > alpha ? x : 0);
    }

    public static OnnxTensor[] HardSigmoid(NodeCall call)
    {
        double alpha = call.Real("alpha", 0.2);
        double beta = call.Real("beta", 0.5);
        return Arithmetic.Map(call, x => Math.Clamp((alpha * x) + beta, 0, 1));
    }

    public static OnnxTensor[] HardSwish(NodeCall call) => Arithmetic.Map(call, x => x * Math.Clamp((x / 6) + 0.5, 0, 1));

    public static OnnxTensor[] Sigmoid(NodeCall call) => Arithmetic.Map(call, Logistic);

    public static OnnxTensor[] Swish(NodeCall call)
    {
        double alpha = call.Real("alpha", 1);
        return Arithmetic.Map(call, x => x * Logistic(alpha * x));
    }

    public static OnnxTensor[] Gelu(NodeCall call) => call.Text("approximate", "none") == "tanh"
        ? Arithmetic.Map(call, x => 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x)))))
        : Arithmetic.Map(call, x => 0.5 * x * (1 + ErrorFunction.Erf(x / Math.Sqrt(2))));

    // Bounds are attributes before version 11 and operands from then on. With min above max the result is max.
    public static OnnxTensor[] Clip(NodeCall call)
    {
        OnnxTensor x = call.Operand(0);
        if (!x.IsFloating && x.Type != OnnxElementType.UInt64)
        {
            long least = call.Optional(1) is { } a ? Scalar(a).Integers[0] : long.MinValue;
            long most = call.Optional(2) is { } b ? Scalar(b).Integers[0] : long.MaxValue;
            return [OnnxTensor.OfIntegers(x.Type, x.Dimensions, Array.ConvertAll(x.Integers.ToArray(), v => Math.Min(most, Math.Max(v, least))))];
        }

        double low = call.Optional(1) is { } lower ? Scalar(lower).ToDoubles()[0] : call.Real("min", double.NegativeInfinity);
        double high = call.Optional(2) is { } upper ? Scalar(upper).ToDoubles()[0] : call.Real("max", double.PositiveInfinity);
        return [NodeCall.Result(x.Type, x.Dimensions, Array.ConvertAll(x.ToDoubles(), v => Math.Min(high, Math.Max(v, low))))];
    }

    /// <summary>log(1 + exp x), without overflow.</summary>
    public static double Softplus(double x) => Math.Max(x, 0) + Math.Log(1 + Math.Exp(-Math.Abs(x)));

    private static double Logistic(double x) => x >= 0 ? 1 / (1 + Math.Exp(-x)) : Math.Exp(x) / (1 + Math.Exp(x));

    private static OnnxTensor Scalar(OnnxTensor bound) => bound.Count == 1 ? bound : throw new OperandException($"a bound is {bound}; expected one number");
}
