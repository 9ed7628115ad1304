namespace Pellicle.Models;

/// <summary>What taking over public weights did.</summary>
/// <param name="File">Where they came from.</param>
/// <param name="Layout">"timm" or "torchvision", found by looking at the names.</param>
/// <param name="Loaded">Parameters that were set.</param>
/// <param name="Missing">Parameters that keep their initial values, because the file has no fitting tensor.</param>
/// <param name="Unmatched">Tensors of the file that no parameter uses, or whose shape does not fit.</param>
/// <param name="Notes">What was changed to fit: positions interpolated, colours summed, head replaced.</param>
public sealed record WeightImport(string File, string Layout, IReadOnlyList<string> Loaded, IReadOnlyList<string> Missing, IReadOnlyList<string> Unmatched, IReadOnlyList<string> Notes);
