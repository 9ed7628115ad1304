using System.Globalization;
using Pellicle.Core.Errors;

namespace Pellicle.Data;

/// <summary>Which values of a DICOM image become black and white (VOI LUT, DICOM PS3.3 C.11.2.1.2.1): "auto", "full", or "CENTRE,WIDTH".</summary>
/// <remarks>The same for every image of a data set, and a public choice. "auto" takes the first window of each file, and the range of its own
/// values where it names none; "full" always takes that range; a window is in the unit after rescaling, such as Hounsfield units.</remarks>
public sealed record DicomWindow
{
    /// <summary>The file's own window, otherwise the range of its values.</summary>
    public static readonly DicomWindow Auto = new();

    /// <summary>The range of the values of each image.</summary>
    public static readonly DicomWindow Full = new() { IsFull = true };

    /// <summary>True for "full".</summary>
    public bool IsFull { get; private init; }

    /// <summary>Centre after rescaling; null for "auto" and "full".</summary>
    public double? Centre { get; private init; }

    /// <summary>Width after rescaling, at least 1; null for "auto" and "full".</summary>
    public double? Width { get; private init; }

    /// <summary>Reads "auto", "full" or "CENTRE,WIDTH".</summary>
    /// <param name="text">For example "40,400".</param>
    /// <exception cref="UsageException">Anything else.</exception>
    public static DicomWindow Parse(string text) =>
        TryParse(text, out DicomWindow? window)
            ? window!
            : throw new UsageException($"the window is '{text}'; expected auto, full, or CENTRE,WIDTH with a width of at least 1", "For example 40,400 for soft tissue in Hounsfield units.");

    /// <summary>True if <see cref="Parse"/> would accept the text.</summary>
    /// <param name="text">For example "40,400".</param>
    public static bool IsValid(string text) => TryParse(text, out _);

    /// <summary>The text that <see cref="Parse"/> reads.</summary>
    public override string ToString() => IsFull ? "full" : Centre is null ? "auto" : string.Create(CultureInfo.InvariantCulture, $"{Centre},{Width}");

    private static bool TryParse(string text, out DicomWindow? window)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] parts = text.Split(',', StringSplitOptions.TrimEntries);
        window = (text, parts) switch
        {
            ("auto", _) => Auto,
            ("full", _) => Full,
            (_, [var c, var w]) when Number(c) is { } centre && Number(w) is >= 1 and var width => new DicomWindow { Centre = centre, Width = width },
            _ => null,
        };
        return window is not null;
    }

    private static double? Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value) ? value : null;
}
