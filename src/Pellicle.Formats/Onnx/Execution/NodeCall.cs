namespace Pellicle.Formats.Onnx.Execution;

/// <summary>One node with its operands at hand, as kernels see it.</summary>
/// <param name="node">The node.</param>
/// <param name="opset">Version of its operator set.</param>
/// <param name="operands">Values in the order of the node's inputs; null for an optional operand that is left out.</param>
internal sealed class NodeCall(OnnxNode node, int opset, OnnxTensor?[] operands)
{
    /// <summary>More elements than this in one result are refused: a file of a few bytes can ask for any size.</summary>
    private const long MaxElements = 1L << 28;

    public OnnxNode Node { get; } = node;

    public int Opset { get; } = opset;

    public int OperandCount => operands.Length;

    /// <summary>A required operand.</summary>
    public OnnxTensor Operand(int index) => Optional(index) ?? throw new OperandException($"operand {index} is missing");

    /// <summary>An operand that may be left out.</summary>
    public OnnxTensor? Optional(int index) => index < operands.Length ? operands[index] : null;

    /// <summary>All operands that are there.</summary>
    public IEnumerable<OnnxTensor> Operands => operands.OfType<OnnxTensor>();

    public bool Has(string attribute) => Node.Attributes.ContainsKey(attribute);

    public long Integer(string attribute, long otherwise) => Read(attribute, otherwise);

    public long Integer(string attribute) => Has(attribute) ? Read(attribute, 0L) : throw new OperandException($"attribute '{attribute}' is missing");

    public double Real(string attribute, double otherwise) => Has(attribute) ? Read(attribute, 0f) : otherwise;

    public string Text(string attribute, string otherwise) => Read(attribute, otherwise);

    public OnnxTensor? Tensor(string attribute) => Read<OnnxTensor?>(attribute, null);

    public long[]? Integers(string attribute) => Read<long[]?>(attribute, null);

    public float[]? Reals(string attribute) => Read<float[]?>(attribute, null);

    /// <summary>A list of integers that moved from an attribute to an operand in some version.</summary>
    public long[]? IntegersFrom(string attribute, int operand) =>
        Optional(operand) is { } tensor ? IntegersOf(tensor) : Integers(attribute);

    /// <summary>The elements of an integer operand.</summary>
    public static long[] IntegersOf(OnnxTensor tensor) =>
        tensor.IsFloating ? throw new OperandException($"an operand is {tensor}; expected integers") : tensor.Integers.ToArray();

    /// <summary>An axis counted from the front.</summary>
    /// <param name="axis">From −rank to rank − 1.</param>
    /// <param name="rank">Number of dimensions.</param>
    public static int Axis(long axis, int rank) =>
        axis >= -rank && axis < rank ? (int)(axis < 0 ? axis + rank : axis)
        : throw new OperandException($"axis {axis} lies outside {rank} dimensions");

    /// <summary>Refuses shapes that are impossible or too large before memory is taken.</summary>
    public static long[] Shape(params long[] shape)
    {
        long count = OnnxShape.Count(shape);
        return count is >= 0 and <= MaxElements ? shape : throw new OperandException($"the result would have shape {OnnxShape.Text(shape)}; expected sizes from 0 with at most {MaxElements} elements");
    }

    /// <summary>A result computed in double precision, rounded or cut to the type.</summary>
    public static OnnxTensor Result(OnnxElementType type, long[] shape, double[] values) => OnnxElement.IsFloating(type)
        ? OnnxTensor.OfReals(type, shape, values)
        : OnnxTensor.OfIntegers(type, shape, Array.ConvertAll(values, value => type == OnnxElementType.UInt64 && value > 0 ? (long)(ulong)value : (long)value));

    private T Read<T>(string attribute, T otherwise) =>
        !Node.Attributes.TryGetValue(attribute, out object? value) ? otherwise
        : value is T read ? read
        : throw new OperandException($"attribute '{attribute}' is of type {value.GetType().Name}");
}
