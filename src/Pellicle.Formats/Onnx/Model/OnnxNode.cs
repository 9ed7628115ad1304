namespace Pellicle.Formats.Onnx;

/// <summary>One operator of a graph with its operands.</summary>
public sealed record OnnxNode
{
    /// <summary>Operator, such as "Conv".</summary>
    public required string Operator { get; init; }

    /// <summary>Name of the node; may be empty.</summary>
    public string Name { get; init; } = string.Empty;

    /// <summary>Operator set: empty for ONNX's own, otherwise such as "com.microsoft".</summary>
    public string Domain { get; init; } = string.Empty;

    /// <summary>Names of values; empty for an optional operand that is left out.</summary>
    public required IReadOnlyList<string> Inputs { get; init; }

    /// <summary>Names of results; empty for one that nobody asks for.</summary>
    public required IReadOnlyList<string> Outputs { get; init; }

    /// <summary>Constants by name: a <see cref="long"/>, <see cref="float"/>, <see cref="string"/>, <see cref="OnnxTensor"/>, or an array of the first three.</summary>
    public IReadOnlyDictionary<string, object> Attributes { get; init; } = new Dictionary<string, object>();

    /// <summary>How messages call the node: its name, or the result it makes.</summary>
    public string DisplayName => Name.Length > 0 ? $"node '{Name}' ({Operator})" : $"the node that makes '{(Outputs.Count > 0 ? Outputs[0] : "")}' ({Operator})";
}
