using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Pellicle.Native;

/// <summary>Elements as <c>pellicle-dicom</c> tells and takes them: <c>native/pellicle_native/dicom/dataset.h</c> describes the bytes. Not the encoding of DICOM.</summary>
internal static class DicomTree
{
    private const int DeepestNesting = 32;

    /// <exception cref="InvalidDataException">The process has answered nonsense.</exception>
    internal static IReadOnlyList<DicomElement> Parse(ReadOnlySpan<byte> set)
    {
        List<DicomElement> elements = Set(ref set, 0);
        return set.IsEmpty ? elements : throw new InvalidDataException("a set is longer than it says");
    }

    internal static byte[] Write(IReadOnlyList<DicomElement> elements)
    {
        var target = new ArrayBufferWriter<byte>();
        Write(target, elements);
        return target.WrittenSpan.ToArray();
    }

    private static List<DicomElement> Set(ref ReadOnlySpan<byte> rest, int depth)
    {
        if (depth > DeepestNesting)
        {
            throw new InvalidDataException("a set is nested too deeply");
        }

        int count = Count(ref rest);
        var elements = new List<DicomElement>();
        for (int i = 0; i < count; i++)
        {
            uint tag = BinaryPrimitives.ReadUInt32LittleEndian(Take(ref rest, 4));
            string vr = Encoding.ASCII.GetString(Take(ref rest, 2));
            bool isSequence = Take(ref rest, 1)[0] == 1;
            int size = Count(ref rest);
            if (!isSequence)
            {
                elements.Add(DicomElement.Of(tag, vr, Take(ref rest, size).ToArray()));
                continue;
            }

            var items = new List<IReadOnlyList<DicomElement>>();
            for (int k = 0; k < size; k++)
            {
                items.Add(Set(ref rest, depth + 1));
            }

            elements.Add(DicomElement.Sequence(tag, items));
        }

        return elements;
    }

    private static void Write(ArrayBufferWriter<byte> target, IReadOnlyList<DicomElement> elements)
    {
        Number(target, elements.Count);
        foreach (DicomElement element in elements)
        {
            Number(target, (int)element.Tag);
            target.Write(Encoding.ASCII.GetBytes(element.Vr));
            target.Write<byte>([element.Items is null ? (byte)0 : (byte)1]);
            if (element.Items is not { } items)
            {
                Number(target, element.Value.Length);
                target.Write(element.Value.Span);
                continue;
            }

            Number(target, items.Count);
            foreach (IReadOnlyList<DicomElement> item in items)
            {
                Write(target, item);
            }
        }
    }

    private static int Count(ref ReadOnlySpan<byte> rest)
    {
        int count = BinaryPrimitives.ReadInt32LittleEndian(Take(ref rest, 4));
        return count >= 0 ? count : throw new InvalidDataException("a set holds a negative length");
    }

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> rest, int count)
    {
        ReadOnlySpan<byte> taken = count <= rest.Length ? rest[..count] : throw new InvalidDataException("a set is cut off");
        rest = rest[count..];
        return taken;
    }

    private static void Number(ArrayBufferWriter<byte> target, int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(target.GetSpan(4), value);
        target.Advance(4);
    }
}
