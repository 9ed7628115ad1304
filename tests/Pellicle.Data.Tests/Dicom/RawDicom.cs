using System.Buffers.Binary;
using System.Text;

namespace Pellicle.Data.Tests.Dicom;

/// <summary>Writes small DICOM files by hand (explicit VR little endian), straight from PS3.5 and PS3.10.</summary>
internal sealed class RawDicom
{
    private const string SecondaryCapture = "1.2.840.10008.5.1.4.1.1.7";
    private readonly SortedDictionary<uint, (string Vr, byte[] Value)> _elements = [];

    internal string TransferSyntax { get; init; } = "1.2.840.10008.1.2.1";

    internal static RawDicom Image(int rows, int columns, int bits, string photometric, byte[] pixels, int samples = 1, bool isSigned = false, int frames = 1)
    {
        RawDicom file = new RawDicom()
            .Text(0x00080016, "UI", SecondaryCapture).Text(0x00080018, "UI", "1.2.3.4").Text(0x00080060, "CS", "OT").Text(0x00100010, "PN", "Doe^Jane")
            .Short(0x00280002, samples).Text(0x00280004, "CS", photometric).Short(0x00280010, rows).Short(0x00280011, columns)
            .Short(0x00280100, bits > 8 ? 16 : 8).Short(0x00280101, bits).Short(0x00280102, bits - 1).Short(0x00280103, isSigned ? 1 : 0)
            .Bytes(0x7FE00010, bits > 8 ? "OW" : "OB", pixels);
        if (samples > 1)
        {
            file.Short(0x00280006, 0);
        }

        return frames > 1 ? file.Text(0x00280008, "IS", frames.ToString()) : file;
    }

    internal static byte[] Words(params int[] values) => [.. values.SelectMany(v => new[] { (byte)v, (byte)(v >> 8) })];

    internal RawDicom Text(uint tag, string vr, string value) => Bytes(tag, vr, Encoding.ASCII.GetBytes(value.Length % 2 == 0 ? value : value + (vr == "UI" ? "\0" : " ")));

    internal RawDicom Short(uint tag, int value) => Bytes(tag, "US", Words(value));

    internal RawDicom Bytes(uint tag, string vr, byte[] value)
    {
        _elements[tag] = (vr, value.Length % 2 == 0 ? value : [.. value, 0]);
        return this;
    }

    internal byte[] ToArray()
    {
        var meta = new MemoryStream();
        Write(meta, 0x00020001, "OB", [0, 1]);
        Write(meta, 0x00020002, "UI", Encoding.ASCII.GetBytes(SecondaryCapture + "\0"));
        Write(meta, 0x00020003, "UI", Encoding.ASCII.GetBytes("1.2.3.4\0"));
        Write(meta, 0x00020010, "UI", Encoding.ASCII.GetBytes(TransferSyntax.Length % 2 == 0 ? TransferSyntax : TransferSyntax + "\0"));
        var file = new MemoryStream();
        file.Write(new byte[128]);
        file.Write("DICM"u8);
        var length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, (int)meta.Length);
        Write(file, 0x00020000, "UL", length);
        file.Write(meta.ToArray());
        foreach ((uint tag, (string vr, byte[] value)) in _elements)
        {
            Write(file, tag, vr, value);
        }

        return file.ToArray();
    }

    private static void Write(MemoryStream target, uint tag, string vr, byte[] value)
    {
        target.Write(Words((int)(tag >> 16), (int)(tag & 0xFFFF)));
        target.Write(Encoding.ASCII.GetBytes(vr));
        if (vr is "OB" or "OW" or "SQ")
        {
            target.Write([0, 0]);
            target.Write(Words(value.Length & 0xFFFF, value.Length >> 16));
        }
        else
        {
            target.Write(Words(value.Length));
        }

        target.Write(value);
    }
}
