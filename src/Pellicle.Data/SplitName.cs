namespace Pellicle.Data;

/// <summary>The three splits of a data set, as they are written in records, files and JSON.</summary>
public static class SplitName
{
    /// <summary>Images that training may see.</summary>
    public const string Train = "train";

    /// <summary>Images for choosing between models.</summary>
    public const string Validation = "validation";

    /// <summary>Images for the final figures.</summary>
    public const string Test = "test";

    /// <summary>All splits, in the order in which they are shown.</summary>
    public static IReadOnlyList<string> All { get; } = [Train, Validation, Test];

    /// <summary>Reads the common spellings: train, training, val, valid, validate, validation, dev, test, testing; case is ignored.</summary>
    /// <param name="text">Text of a column or folder name.</param>
    /// <param name="split">One of <see cref="All"/>, if known.</param>
    public static bool TryParse(string text, out string split)
    {
        split = text.Trim().ToLowerInvariant() switch
        {
            "train" or "training" => Train,
            "val" or "valid" or "validate" or "validation" or "dev" => Validation,
            "test" or "testing" => Test,
            _ => "",
        };
        return split.Length > 0;
    }
}
