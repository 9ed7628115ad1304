namespace Pellicle.Reporting;

/// <summary>Result of <c>report</c>; property names are the JSON fields.</summary>
/// <param name="File">The HTML file.</param>
/// <param name="Runs">The run folders in it.</param>
/// <param name="Bytes">Size of the HTML file.</param>
/// <param name="ExternalReferences">Things the page would load from elsewhere: always 0, counted in the finished text.</param>
/// <param name="Card">The model card, or null.</param>
public sealed record ReportResult(string File, IReadOnlyList<string> Runs, long Bytes, int ExternalReferences, string? Card);
