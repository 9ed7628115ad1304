using Pellicle.Core.Errors;

namespace Pellicle.Training.Exchange;

/// <summary>Result of <c>model inspect</c>; property names are the JSON fields.</summary>
public sealed record ModelInspection
{
    /// <summary>As given.</summary>
    public required string File { get; init; }

    /// <summary>"onnx", "safetensors" or "run".</summary>
    public required string Kind { get; init; }

    /// <summary>Network: of the run, of the file's header, or asked for with --as; null if not known.</summary>
    public string? Model { get; init; }

    /// <summary>Number of values in all tensors.</summary>
    public required long Parameters { get; init; }

    /// <summary>Version of ONNX's operators; null for other files.</summary>
    public int? Opset { get; init; }

    /// <summary>Operators with counts; empty unless the file is ONNX.</summary>
    public IReadOnlyList<OperatorCount> Operators { get; init; } = [];

    /// <summary>True if the graph can be predicted under encryption; null unless the file is ONNX.</summary>
    public bool? MpcReady { get; init; }

    /// <summary>Nodes that stand in the way, with reason and remedy; empty unless the file is ONNX.</summary>
    public IReadOnlyList<Problem> MpcProblems { get; init; } = [];

    /// <summary>Inputs of an ONNX graph, otherwise empty.</summary>
    public IReadOnlyList<NamedShape> Inputs { get; init; } = [];

    /// <summary>Outputs of an ONNX graph, otherwise empty.</summary>
    public IReadOnlyList<NamedShape> Outputs { get; init; } = [];

    /// <summary>Tensors of the file and the parameter each belongs to.</summary>
    public IReadOnlyList<KeyMapping> Keys { get; init; } = [];

    /// <summary>Tensors that belong to no parameter of <see cref="Model"/>.</summary>
    public IReadOnlyList<string> UnmatchedKeys { get; init; } = [];

    /// <summary>Parameters of <see cref="Model"/> that no tensor fills.</summary>
    public IReadOnlyList<string> MissingKeys { get; init; } = [];

    /// <summary>What had to be changed to fit.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Texts of the file, the privacy statement among them.</summary>
    public required IReadOnlyDictionary<string, string> Metadata { get; init; }
}

/// <summary>A tensor of a file.</summary>
/// <param name="Key">Name in the file.</param>
/// <param name="Shape">Its sizes.</param>
/// <param name="Type">Element type.</param>
/// <param name="Parameter">Parameter of the network, or null.</param>
public sealed record KeyMapping(string Key, IReadOnlyList<long> Shape, string Type, string? Parameter);

/// <summary>A named value with its shape.</summary>
/// <param name="Name">Name.</param>
/// <param name="Shape">Sizes, −1 if free; null if the file does not say.</param>
public sealed record NamedShape(string Name, IReadOnlyList<long>? Shape);
