using System.Text;

namespace Pellicle.Viewmaker.Release.Dicom;

/// <summary>One element of a data set: a value, or a sequence of data sets.</summary>
internal sealed class DicomElement
{
    private DicomElement(uint tag, string vr, byte[] value, List<List<DicomElement>>? items)
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
    public byte[] Value { get; }

    /// <summary>Items of a sequence, or null.</summary>
    public List<List<DicomElement>>? Items { get; }

    /// <summary>True for groups of odd number, which belong to vendors.</summary>
    public bool IsPrivate => ((Tag >> 16) & 1) == 1;

    /// <summary>The value as text, without padding.</summary>
    public string Text => Encoding.ASCII.GetString(Value).TrimEnd('\0', ' ');

    public static DicomElement Of(uint tag, string vr, byte[] value) => new(tag, vr, value, null);

    public static DicomElement Sequence(uint tag, List<List<DicomElement>> items) => new(tag, "SQ", [], items);

    /// <summary>A text, padded to an even length.</summary>
    public static DicomElement Of(uint tag, string vr, string text) =>
        Of(tag, vr, Encoding.ASCII.GetBytes(text.Length % 2 == 0 ? text : text + (vr == "UI" ? '\0' : ' ')));
}
