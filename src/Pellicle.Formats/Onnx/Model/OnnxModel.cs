namespace Pellicle.Formats.Onnx;

/// <summary>An ONNX file: a graph, the versions of the operators it uses, and texts about it.</summary>
public sealed record OnnxModel
{
    /// <summary>Version of the file format.</summary>
    public long IrVersion { get; init; } = 8;

    /// <summary>Version of each operator set, by domain; ONNX's own is "".</summary>
    public required IReadOnlyDictionary<string, long> Opsets { get; init; }

    /// <summary>Program that wrote the file.</summary>
    public string Producer { get; init; } = string.Empty;

    /// <summary>Free text.</summary>
    public string Description { get; init; } = string.Empty;

    /// <summary>Named texts (metadata_props).</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>The graph.</summary>
    public required OnnxGraph Graph { get; init; }

    /// <summary>Version of ONNX's own operators.</summary>
    public int Opset => (int)Opsets.GetValueOrDefault(string.Empty, 1);
}
