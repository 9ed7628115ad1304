using Pellicle.Formats.Onnx.Execution;

namespace Pellicle.Formats.Onnx.Operators;

/// <summary>Constants, shapes as values, conversions, and Dropout at inference.</summary>
internal static class Sources
{
    public static OnnxTensor[] Shape(NodeCall call)
    {
        OnnxTensor x = call.Operand(0);
        int start = Bound(call.Integer("start", 0), x.Rank);
        int end = Bound(call.Integer("end", x.Rank), x.Rank);
        long[] sizes = x.Dimensions[start..Math.Max(start, end)];
        return [OnnxTensor.Of(sizes, sizes.Length)];
    }

    public static OnnxTensor[] Size(NodeCall call) => [OnnxTensor.Of([call.Operand(0).Count], [])];

    public static OnnxTensor[] Constant(NodeCall call) =>
    [
        call.Tensor("value")
        ?? (call.Has("value_float") ? OnnxTensor.Of([(float)call.Real("value_float", 0)], [])
            : call.Has("value_int") ? OnnxTensor.Of([call.Integer("value_int")], [])
            : call.Reals("value_floats") is { } reals ? OnnxTensor.Of(reals, reals.Length)
            : call.Integers("value_ints") is { } integers ? OnnxTensor.Of(integers, integers.Length)
            : throw new OperandException("the constant holds neither a tensor nor numbers")),
    ];

    public static OnnxTensor[] ConstantOfShape(NodeCall call)
    {
        long[] shape = NodeCall.Shape(NodeCall.IntegersOf(call.Operand(0)));
        OnnxTensor value = call.Tensor("value") ?? OnnxTensor.Of([0f], 1);
        return [value.Pick(shape, new int[OnnxShape.Count(shape)])];
    }

    public static OnnxTensor[] Cast(NodeCall call)
    {
        var type = (OnnxElementType)call.Integer("to");
        return [OnnxElement.IsKnown(type) ? To(call.Operand(0), type) : throw new OperandException($"element type {(int)type} is not known")];
    }

    public static OnnxTensor[] CastLike(NodeCall call) => [To(call.Operand(0), call.Operand(1).Type)];

    public static OnnxTensor[] Range(NodeCall call)
    {
        OnnxTensor start = call.Operand(0);
        double first = start.ToDoubles()[0];
        double step = call.Operand(2).ToDoubles()[0];
        double count = Math.Ceiling((call.Operand(1).ToDoubles()[0] - first) / step);
        long[] shape = NodeCall.Shape(count is <= 1e18 and >= 0 ? (long)count : count < 0 ? 0 : throw new OperandException($"a range with step {step} has no end"));
        return [NodeCall.Result(start.Type, shape, [.. Enumerable.Range(0, (int)shape[0]).Select(i => first + (i * step))])];
    }

    // The second result says which elements were kept: all of them. It is boolean from version 10 on.
    public static OnnxTensor[] Dropout(NodeCall call)
    {
        OnnxTensor x = call.Operand(0);
        if (call.Optional(2) is { } training && training.ToDoubles()[0] != 0)
        {
            throw new OperandException("training_mode is set; expected a model for inference");
        }

        OnnxElementType type = call.Opset < 10 ? x.Type : OnnxElementType.Bool;
        return [x, NodeCall.Result(type, x.Dimensions, [.. Enumerable.Repeat(1.0, x.Count)])];
    }

    private static int Bound(long index, int rank) => (int)Math.Clamp(index < 0 ? index + rank : index, 0, rank);

    private static OnnxTensor To(OnnxTensor x, OnnxElementType type) =>
        type == x.Type ? x
        : type == OnnxElementType.Bool ? OnnxTensor.OfIntegers(type, x.Dimensions, Array.ConvertAll(x.ToDoubles(), v => v != 0 ? 1L : 0L))
        : x.IsFloating || OnnxElement.IsFloating(type) ? NodeCall.Result(type, x.Dimensions, x.ToDoubles())
        : OnnxTensor.OfIntegers(type, x.Dimensions, x.Integers.ToArray());
}
