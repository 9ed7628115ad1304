using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Pellicle.Core.Errors;

namespace Pellicle.Viewmaker.Release.Dicom;

/// <summary>The data set of a DICOM file (PS3.5, PS3.10) without its pixels, which the decoder of pictures reads. Input is hostile.</summary>
/// <param name="TransferSyntax">Of the file that was read.</param>
/// <param name="Elements">In the order of their tags; pixel data left out.</param>
internal sealed record DicomFile(string TransferSyntax, List<DicomElement> Elements)
{
    public const string ImplicitLittleEndian = "1.2.840.10008.1.2";
    public const string ExplicitLittleEndian = "1.2.840.10008.1.2.1";
    private const string ExplicitBigEndian = "1.2.840.10008.1.2.2";
    private const string Deflated = "1.2.840.10008.1.2.1.99";
    private const int MostBytes = 256 << 20;

    /// <summary>True if the data set is written without value representations.</summary>
    public bool IsImplicit => TransferSyntax == ImplicitLittleEndian;

    /// <summary>Parses a file.</summary>
    /// <param name="file">All bytes.</param>
    /// <param name="name">Name for error texts.</param>
    /// <exception cref="DataFormatException">Damaged or cut off; names the byte.</exception>
    public static DicomFile Read(byte[] file, string name)
    {
        var meta = new DicomReader(file, 132, file.Length, isExplicit: true, isBigEndian: false, name);
        List<DicomElement> head = meta.ReadGroup2();
        string syntax = head.Find(element => element.Tag == 0x00020010)?.Text ?? throw new DataFormatException($"'{name}' names no transfer syntax (0002,0010).", "Replace the file.");
        byte[] body = syntax == Deflated ? Inflate(file, meta.Position, name) : file;
        var reader = new DicomReader(body, syntax == Deflated ? 0 : meta.Position, body.Length, syntax != ImplicitLittleEndian, syntax == ExplicitBigEndian, name);
        return new DicomFile(syntax, reader.ReadSet(depth: 0));
    }

    /// <summary>Writes a file, uncompressed: implicit if it was so, otherwise explicit little endian.</summary>
    /// <param name="elements">The data set with its pixels; sorted here.</param>
    public byte[] Write(List<DicomElement> elements)
    {
        string syntax = IsImplicit ? ImplicitLittleEndian : ExplicitLittleEndian;
        string Text(uint tag) => elements.Find(element => element.Tag == tag)?.Text ?? "";
        var meta = new DicomWriter(isExplicit: true);
        meta.Add(DicomElement.Of(0x00020001, "OB", new byte[] { 0, 1 }));
        meta.Add(DicomElement.Of(0x00020002, "UI", Text(0x00080016)));
        meta.Add(DicomElement.Of(0x00020003, "UI", Text(0x00080018)));
        meta.Add(DicomElement.Of(0x00020010, "UI", syntax));
        meta.Add(DicomElement.Of(0x00020012, "UI", "2.25.199481650923847561029384756"));
        meta.Add(DicomElement.Of(0x00020013, "SH", "PELLICLE"));
        byte[] head = meta.ToArray();
        var length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, head.Length);
        var start = new DicomWriter(isExplicit: true);
        start.Add(DicomElement.Of(0x00020000, "UL", length));
        var body = new DicomWriter(!IsImplicit);
        body.AddAll(elements);
        return [.. new byte[128], .. Encoding.ASCII.GetBytes("DICM"), .. start.ToArray(), .. head, .. body.ToArray()];
    }

    private static byte[] Inflate(byte[] file, int start, string name)
    {
        try
        {
            using var source = new DeflateStream(new MemoryStream(file, start, file.Length - start), CompressionMode.Decompress);
            using var target = new MemoryStream();
            byte[] buffer = new byte[1 << 16];
            for (int count = source.Read(buffer); count > 0; count = source.Read(buffer))
            {
                target.Write(buffer, 0, count);
                if (target.Length > MostBytes)
                {
                    throw new DataFormatException($"'{name}' unpacks to more than {MostBytes} bytes.", "Replace the file.");
                }
            }

            return target.ToArray();
        }
        catch (InvalidDataException e)
        {
            throw new DataFormatException($"'{name}' is deflated and damaged: {e.Message}", "Replace the file.", inner: e);
        }
    }
}
