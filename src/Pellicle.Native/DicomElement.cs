using System.Text;

namespace Pellicle.Native;

/// <summary>One element of a DICOM data set: a value, or a sequence of data sets. May hold patient data: never show it.</summary>
public sealed class DicomElement
{
    private DicomElement(uint tag, string vr, byte[] value, IReadOnlyList<IReadOnlyList<DicomElement>>? items)
    {
        Tag = tag;
        Vr = vr;
        Value = value;
        Items = items;
    }

    /// <summary>Group in the upper half, element in the lower.</summary>
    public uint Tag { get; }

    /// <summary>Value representation, two letters; "UN" where an implicit file does not tell.</summary>
    public string Vr { get; }

    /// <summary>Bytes, little endian; empty for a sequence.</summary>
    public ReadOnlyMemory<byte> Value { get; }

    /// <summary>Items of a sequence, or null.</summary>
    public IReadOnlyList<IReadOnlyList<DicomElement>>? Items { get; }

    /// <summary>True for groups of odd number, which belong to vendors.</summary>
    public bool IsPrivate => ((Tag >> 16) & 1) == 1;

    /// <summary>The value as text, without padding.</summary>
    public string Text => Encoding.ASCII.GetString(Value.Span).TrimEnd('\0', ' ');

    /// <summary>An element with a value.</summary>
    /// <param name="tag">Group in the upper half.</param>
    /// <param name="vr">Two letters.</param>
    /// <param name="value">Bytes, little endian, of even length; not copied.</param>
    public static DicomElement Of(uint tag, string vr, byte[] value) => new(tag, vr, value, null);

    /// <summary>An element with a text, padded to an even length.</summary>
    /// <param name="tag">Group in the upper half.</param>
    /// <param name="vr">Two letters.</param>
    /// <param name="text">ASCII.</param>
    public static DicomElement Of(uint tag, string vr, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Of(tag, vr, Encoding.ASCII.GetBytes(text.Length % 2 == 0 ? text : text + (vr == "UI" ? '\0' : ' ')));
    }

    /// <summary>A sequence.</summary>
    /// <param name="tag">Group in the upper half.</param>
    /// <param name="items">Data sets; not copied.</param>
    public static DicomElement Sequence(uint tag, IReadOnlyList<IReadOnlyList<DicomElement>> items) => new(tag, "SQ", [], items);

    /// <inheritdoc/>
    public override string ToString() => $"DicomElement ({Tag >> 16:x4},{Tag & 0xFFFF:x4}) {Vr}";
}
