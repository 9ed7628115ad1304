namespace Pellicle.Reporting;

/// <summary>What <c>report</c> is asked to do.</summary>
public sealed record ReportRequest
{
    /// <summary>Run folders, at least one; several are compared in one table.</summary>
    public required IReadOnlyList<string> RunFolders { get; init; }

    /// <summary>The HTML file to write; null writes <c>report.html</c> into the first run folder.</summary>
    public string? OutFile { get; init; }

    /// <summary>Also write a Markdown model card to this file; null for none. Needs exactly one run.</summary>
    public string? Card { get; init; }

    /// <summary>Allow a few images of the data in the report even if they are of patients. Synthetic images are always shown.</summary>
    public bool IncludeImages { get; init; }
}
