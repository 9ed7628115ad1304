using Pellicle.Data;

namespace Pellicle.Training.Recipes;

/// <summary>Public facts by which a recipe recognises a data set: nothing that is computed from pixels, labels or counts.</summary>
/// <param name="Sources">Kinds of source; empty for any.</param>
/// <param name="Classes">Class names, in any order.</param>
/// <param name="SmallestSide">Least pixels of the shorter side of the pictures.</param>
/// <param name="LargestSide">Most pixels of the shorter side.</param>
public sealed record RecipeMatch(IReadOnlyList<SourceKind> Sources, IReadOnlyList<string> Classes, int SmallestSide, int LargestSide)
{
    /// <summary>True if the data are of this kind.</summary>
    /// <param name="kind">Kind of the source.</param>
    /// <param name="classes">Its class names.</param>
    /// <param name="shorterSide">Shorter side of its first picture, pixels.</param>
    public bool Fits(SourceKind kind, IReadOnlyList<string> classes, int shorterSide) =>
        (Sources.Count == 0 || Sources.Contains(kind)) && Classes.ToHashSet().SetEquals(classes) && shorterSide >= SmallestSide && shorterSide <= LargestSide;

    /// <summary>The facts in words.</summary>
    public override string ToString()
    {
        string kinds = Sources.Count == 0 ? "any source" : string.Join(" or ", Sources.Select(kind => kind.ToString().ToLowerInvariant() + ":"));
        string side = SmallestSide == LargestSide ? $"{SmallestSide}" : LargestSide == int.MaxValue ? $"at least {SmallestSide}" : $"{SmallestSide} to {LargestSide}";
        return $"{kinds}, classes {string.Join(", ", Classes)}, pictures of {side} pixels";
    }
}
