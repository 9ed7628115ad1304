using Pellicle.Core.Errors;

namespace Pellicle.Training.Exchange;

/// <summary>Result of <c>model export</c>; property names are the JSON fields.</summary>
public sealed record ModelExportResult
{
    /// <summary>Form of the file.</summary>
    public required ModelFormat Format { get; init; }

    /// <summary>Files written.</summary>
    public required IReadOnlyList<string> Files { get; init; }

    /// <summary>Operators of the graph with their counts; empty for safetensors.</summary>
    public required IReadOnlyList<OperatorCount> Operators { get; init; }

    /// <summary>True if the graph can be predicted under encryption; null for safetensors.</summary>
    public required bool? MpcReady { get; init; }

    /// <summary>Nodes that stand in the way, with reason and remedy; empty for safetensors.</summary>
    public IReadOnlyList<Problem> MpcProblems { get; init; } = [];

    /// <summary>Largest difference of a logit between the file, read back and run, and the model; for safetensors of a weight.</summary>
    public required double MaxAbsDifference { get; init; }

    /// <summary>The privacy statement that the files carry.</summary>
    public required string PrivacyStatement { get; init; }
}
