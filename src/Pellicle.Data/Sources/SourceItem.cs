namespace Pellicle.Data.Sources;

/// <summary>An image as its source lists it, before classes and splits are settled.</summary>
/// <param name="File">Name within the source.</param>
/// <param name="Label">Class text; empty if the source gives none.</param>
/// <param name="Split">The source's own split (<see cref="SplitName"/>), or null.</param>
/// <param name="Patient">Group id, or null.</param>
/// <param name="Attributes">Chosen columns.</param>
internal sealed record SourceItem(string File, string Label, string? Split, string? Patient, IReadOnlyDictionary<string, string> Attributes)
{
    internal static readonly IReadOnlyDictionary<string, string> NoAttributes = new Dictionary<string, string>();
}
