using System.Buffers.Binary;
using System.Text;
using Pellicle.Core.Errors;

namespace Pellicle.Viewmaker.Release.Dicom;

/// <summary>Reads elements (PS3.5, section 7). Every length is checked against what is left.</summary>
internal sealed class DicomReader(byte[] data, int start, int end, bool isExplicit, bool isBigEndian, string name)
{
    private const uint Undefined = 0xFFFFFFFF;
    private const uint Item = 0xFFFEE000;
    private const uint ItemEnd = 0xFFFEE00D;
    private const uint SequenceEnd = 0xFFFEE0DD;
    private const uint PixelData = 0x7FE00010;
    private const int DeepestNesting = 16;

    // Sequences that are kept and walked; others of an implicit file stay bytes and are removed.
    private static readonly string[] LongForms = ["OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"];

    public int Position { get; private set; } = start;

    /// <summary>The meta information: all elements of group 2.</summary>
    public List<DicomElement> ReadGroup2()
    {
        var elements = new List<DicomElement>();
        while (Position + 8 <= end && BinaryPrimitives.ReadUInt16LittleEndian(data.AsSpan(Position)) == 2)
        {
            elements.Add(ReadElement(0)!);
        }

        return elements;
    }

    /// <summary>A data set up to the end; without pixel data.</summary>
    public List<DicomElement> ReadSet(int depth)
    {
        if (depth > DeepestNesting)
        {
            throw Damaged("sequences are nested too deeply");
        }

        var elements = new List<DicomElement>();
        while (Position < end)
        {
            int before = Position;
            uint tag = PeekTag();
            if (tag is ItemEnd or SequenceEnd)
            {
                return elements;
            }

            if (ReadElement(depth) is { } element)
            {
                elements.Add(element);
            }

            if (Position <= before)
            {
                throw Damaged("an element has no length");
            }
        }

        return elements;
    }

    private DicomElement? ReadElement(int depth)
    {
        uint tag = ReadTag();
        string vr = "UN";
        uint length;
        if (isExplicit)
        {
            vr = Encoding.ASCII.GetString(Take(2));
            if (vr.Any(c => c is < 'A' or > 'Z'))
            {
                throw Damaged("a value representation is not two capital letters");
            }

            bool isLong = LongForms.Contains(vr);
            length = isLong ? (Take(2).Length > 0 ? ReadUInt32() : 0) : ReadUInt16();
        }
        else
        {
            length = ReadUInt32();
        }

        if (tag == PixelData)
        {
            SkipPixels(length);
            return null;
        }

        bool isSequence = vr == "SQ" || length == Undefined || (!isExplicit && HeaderProfile.KeptSequences.Contains(tag));
        return isSequence ? DicomElement.Sequence(tag, ReadItems(length, depth)) : DicomElement.Of(tag, vr, Ordered(Take(length), vr));
    }

    private List<List<DicomElement>> ReadItems(uint length, int depth)
    {
        int stop = length == Undefined ? end : checked(Position + Checked(length));
        var items = new List<List<DicomElement>>();
        while (Position < stop)
        {
            uint tag = ReadTag();
            uint itemLength = ReadUInt32();
            if (tag == SequenceEnd)
            {
                return items;
            }

            if (tag != Item)
            {
                throw Damaged("a sequence holds something that is no item");
            }

            int itemEnd = itemLength == Undefined ? stop : Position + Checked(itemLength);
            var inner = new DicomReader(data, Position, itemEnd, isExplicit, isBigEndian, name);
            items.Add(inner.ReadSet(depth + 1));
            Position = inner.Position;
            if (itemLength == Undefined)
            {
                if (ReadTag() != ItemEnd || ReadUInt32() != 0)
                {
                    throw Damaged("an item has no end");
                }
            }
            else if (Position != itemEnd)
            {
                throw Damaged("an item ends too early");
            }
        }

        return length == Undefined ? throw Damaged("a sequence has no end") : items;
    }

    private void SkipPixels(uint length)
    {
        if (length != Undefined)
        {
            Take(length);
            return;
        }

        while (true)
        {
            uint tag = ReadTag();
            uint fragment = ReadUInt32();
            if (tag == SequenceEnd)
            {
                return;
            }

            Take(tag == Item ? fragment : throw Damaged("pixel data holds something that is no fragment"));
        }
    }

    // Values of big-endian files are turned; texts have no order.
    private byte[] Ordered(ReadOnlySpan<byte> value, string vr)
    {
        byte[] bytes = value.ToArray();
        int width = !isBigEndian ? 1 : vr switch
        {
            "US" or "SS" or "OW" or "AT" => 2,
            "UL" or "SL" or "FL" or "OL" or "OF" => 4,
            "FD" or "OD" or "SV" or "UV" or "OV" => 8,
            _ => 1,
        };
        for (int i = 0; width > 1 && i + width <= bytes.Length; i += width)
        {
            Array.Reverse(bytes, i, width);
        }

        return bytes;
    }

    private uint PeekTag()
    {
        int before = Position;
        uint tag = ReadTag();
        Position = before;
        return tag;
    }

    private uint ReadTag() => ((uint)ReadUInt16() << 16) | ReadUInt16();

    private ushort ReadUInt16() => isBigEndian ? BinaryPrimitives.ReadUInt16BigEndian(Take(2)) : BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    private uint ReadUInt32() => isBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(Take(4)) : BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    private int Checked(uint length) => length <= end - Position ? (int)length : throw Damaged($"a length of {length} bytes reaches beyond its end");

    private ReadOnlySpan<byte> Take(uint length)
    {
        ReadOnlySpan<byte> value = data.AsSpan(Position, Checked(length));
        Position += value.Length;
        return value;
    }

    private DataFormatException Damaged(string what) => new($"'{name}' is no undamaged DICOM file: at byte {Position} {what}.", "Replace the file.");
}
