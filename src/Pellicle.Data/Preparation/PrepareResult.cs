using Pellicle.Data.Inspection;

namespace Pellicle.Data.Preparation;

/// <summary>Result of <c>data prepare</c>; property names are the JSON fields.</summary>
/// <param name="OutDir">The folder.</param>
/// <param name="Manifest">Its manifest.</param>
/// <param name="Source">As given.</param>
/// <param name="Images">Pictures written.</param>
/// <param name="Classes">Class names in the order of their indices.</param>
/// <param name="Counts">Pictures per split and class.</param>
/// <param name="ImageSize">Side in pixels.</param>
/// <param name="Channels">1 or 3.</param>
/// <param name="Patients">Number of patients; null if not known for every picture.</param>
/// <param name="Shards">Number of files.</param>
/// <param name="Bytes">Their size together.</param>
/// <param name="IsSynthetic">Procedural images.</param>
/// <param name="Warnings">Notes that stopped nothing.</param>
public sealed record PrepareResult(
    string OutDir, string Manifest, string Source, int Images, IReadOnlyList<string> Classes, IReadOnlyList<SplitClassCount> Counts, int ImageSize, int Channels, int? Patients, int Shards, long Bytes, bool IsSynthetic,
    [property: System.Text.Json.Serialization.JsonIgnore] IReadOnlyList<string> Warnings);
