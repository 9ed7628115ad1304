using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Pellicle.Viewmaker.Release.Dicom;

/// <summary>Writes elements in little endian, sequences with defined lengths.</summary>
internal sealed class DicomWriter(bool isExplicit)
{
    private static readonly string[] LongForms = ["OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"];
    private readonly ArrayBufferWriter<byte> _stream = new();

    public byte[] ToArray() => _stream.WrittenSpan.ToArray();

    public void AddAll(IEnumerable<DicomElement> elements)
    {
        foreach (DicomElement element in elements.OrderBy(element => element.Tag))
        {
            Add(element);
        }
    }

    public void Add(DicomElement element)
    {
        byte[] value = element.Items is { } items ? Items(items) : element.Value;
        Tag(element.Tag);
        if (!isExplicit)
        {
            Number(value.Length);
        }
        else
        {
            _stream.Write<byte>(Encoding.ASCII.GetBytes(element.Vr));
            if (LongForms.Contains(element.Vr))
            {
                _stream.Write<byte>([0, 0]);
                Number(value.Length);
            }
            else
            {
                _stream.Write<byte>([(byte)value.Length, (byte)(value.Length >> 8)]);
            }
        }

        _stream.Write<byte>(value);
    }

    private byte[] Items(List<List<DicomElement>> items)
    {
        var all = new DicomWriter(isExplicit);
        foreach (List<DicomElement> item in items)
        {
            var one = new DicomWriter(isExplicit);
            one.AddAll(item);
            byte[] content = one.ToArray();
            all.Tag(0xFFFEE000);
            all.Number(content.Length);
            all._stream.Write<byte>(content);
        }

        return all.ToArray();
    }

    private void Tag(uint tag) => _stream.Write<byte>([(byte)(tag >> 16), (byte)(tag >> 24), (byte)tag, (byte)(tag >> 8)]);

    private void Number(int value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        _stream.Write<byte>(bytes);
    }
}
