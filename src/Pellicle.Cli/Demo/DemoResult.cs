using Pellicle.Audit;
using Pellicle.Training;
using Pellicle.Training.Evaluation;

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

    /// <summary>Always null: export comes with a later version.</summary>
    public object? Export { get; init; }

    /// <summary>Always null: encrypted prediction comes with a later version.</summary>
    public object? Mpc { get; init; }

    /// <summary>Wall-clock seconds of the whole.</summary>
    public required double SecondsTotal { get; init; }
}
