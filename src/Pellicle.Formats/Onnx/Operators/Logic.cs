using Pellicle.Formats.Onnx.Execution;

namespace Pellicle.Formats.Onnx.Operators;

/// <summary>Comparisons and logic, elementwise with broadcasting; the results are booleans.</summary>
internal static class Logic
{
    public static OnnxTensor[] Equal(NodeCall call) => Compare(call, (x, y) => x == y, order => order == 0);

    public static OnnxTensor[] Less(NodeCall call) => Compare(call, (x, y) => x < y, order => order < 0);

    public static OnnxTensor[] Greater(NodeCall call) => Compare(call, (x, y) => x > y, order => order > 0);

    public static OnnxTensor[] LessOrEqual(NodeCall call) => Compare(call, (x, y) => x <= y, order => order <= 0);

    public static OnnxTensor[] GreaterOrEqual(NodeCall call) => Compare(call, (x, y) => x >= y, order => order >= 0);

    public static OnnxTensor[] And(NodeCall call) => Combine(call, (x, y) => x & y);

    public static OnnxTensor[] Or(NodeCall call) => Combine(call, (x, y) => x | y);

    public static OnnxTensor[] Xor(NodeCall call) => Combine(call, (x, y) => x ^ y);

    public static OnnxTensor[] Not(NodeCall call)
    {
        OnnxTensor x = call.Operand(0);
        return [OnnxTensor.OfIntegers(OnnxElementType.Bool, x.Dimensions, Array.ConvertAll(NodeCall.IntegersOf(x), value => value ^ 1))];
    }

    private static OnnxTensor[] Combine(NodeCall call, Func<long, long, long> function) =>
        [Arithmetic.ZipIntegers(call.Operand(0), call.Operand(1), OnnxElementType.Bool, function)];

    private static OnnxTensor[] Compare(NodeCall call, Func<double, double, bool> ofReals, Func<int, bool> ofOrder)
    {
        OnnxTensor x = call.Operand(0);
        OnnxTensor y = call.Operand(1);
        bool isUnsigned = x.Type == OnnxElementType.UInt64;
        return x.Type != y.Type ? throw new OperandException($"the operands are {x} and {y}; expected one type")
            : x.IsFloating ? [Arithmetic.Zip(x, y, OnnxElementType.Bool, (a, b) => ofReals(a, b) ? 1 : 0)]
            : [Arithmetic.ZipIntegers(x, y, OnnxElementType.Bool, (a, b) => ofOrder(isUnsigned ? ((ulong)a).CompareTo((ulong)b) : a.CompareTo(b)) ? 1 : 0)];
    }
}
