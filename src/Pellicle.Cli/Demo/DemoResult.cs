using Pellicle.Audit;
using Pellicle.Cli.Mpc;
using Pellicle.Training;
using Pellicle.Training.Evaluation;
using Pellicle.Training.Exchange;

namespace Pellicle.Cli.Demo;

/// <summary>Result of <c>demo</c>; property names are the JSON fields.</summary>
internal sealed record DemoResult
{
    /// <summary>Folder of everything.</summary>
    public required string OutDir { get; init; }

    /// <summary>The HTML report.</summary>
    public required string Report { get; init; }

    /// <summary>Always true.</summary>
    public bool IsSynthetic { get; init; } = true;

    /// <summary>Result of <c>train</c>.</summary>
    public required TrainResult Train { get; init; }

    /// <summary>Result of <c>eval</c> on the test split.</summary>
    public required EvalResult Eval { get; init; }

    /// <summary>Result of <c>audit</c>.</summary>
    public required AuditResult Audit { get; init; }

    /// <summary>Result of <c>model export</c>.</summary>
    public required ModelExportResult Export { get; init; }

    /// <summary>Result of <c>mpc predict</c> on a few test images.</summary>
    public required MpcPredictResult Mpc { get; init; }

    /// <summary>Wall-clock seconds of the whole.</summary>
    public required double SecondsTotal { get; init; }
}
