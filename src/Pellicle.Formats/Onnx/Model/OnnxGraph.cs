namespace Pellicle.Formats.Onnx;

/// <summary>A checked data-flow graph: every operand is an input, a constant, or the result of an earlier node; every result has one maker.</summary>
public sealed record OnnxGraph
{
    /// <summary>Name given by the exporter.</summary>
    public string Name { get; init; } = string.Empty;

    /// <summary>Inputs that the caller must give: those of the file without a constant of the same name.</summary>
    public required IReadOnlyList<OnnxValue> Inputs { get; init; }

    /// <summary>Results, in order.</summary>
    public required IReadOnlyList<OnnxValue> Outputs { get; init; }

    /// <summary>Constants by name.</summary>
    public required IReadOnlyDictionary<string, OnnxTensor> Initializers { get; init; }

    /// <summary>Nodes in an order in which they can run.</summary>
    public required IReadOnlyList<OnnxNode> Nodes { get; init; }
}
