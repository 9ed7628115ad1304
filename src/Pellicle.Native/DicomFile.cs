using System.Text;
using Pellicle.Core.Errors;

namespace Pellicle.Native;

/// <summary>The data set of a DICOM file without its pixels (<see cref="DicomDecoder"/> reads those), and the way from a data set to a file. GDCM does both, in its own process.</summary>
/// <param name="TransferSyntax">UID of the file that was read.</param>
/// <param name="Elements">In the order of their tags; pixel data (7FE0,0010) and what follows it left out. Sequences that cannot be walked are values of "UN".</param>
public sealed record DicomFile(string TransferSyntax, IReadOnlyList<DicomElement> Elements)
{
    /// <summary>Implicit VR Little Endian.</summary>
    public const string ImplicitLittleEndian = "1.2.840.10008.1.2";

    private const long MostHeaderBytes = 256L << 20;

    /// <summary>True if the file does not tell the value representations.</summary>
    public bool IsImplicit => TransferSyntax == ImplicitLittleEndian;

    /// <summary>Reads all elements of a file.</summary>
    /// <param name="file">All bytes.</param>
    /// <param name="name">Name for error texts.</param>
    /// <exception cref="DataFormatException">Damaged, cut off, or of a kind that is not supported; names the file.</exception>
    /// <exception cref="EnvironmentException">GDCM is not installed.</exception>
    public static DicomFile Read(ReadOnlySpan<byte> file, string name) =>
        DicomWorkers.Ask(new DicomQuestion('E', 2, MostHeaderBytes / 8), file, name, blocks => new DicomFile(Encoding.ASCII.GetString(blocks[0]), DicomTree.Parse(blocks[1])));

    /// <summary>Writes a file with meta information of its own, uncompressed, little endian.</summary>
    /// <param name="elements">The data set with its pixels, in any order; SOP class and instance (0008,0016), (0008,0018) must be among them.</param>
    /// <param name="isImplicit">Without value representations.</param>
    /// <param name="name">Name for error texts.</param>
    /// <exception cref="DataFormatException">The elements make no file.</exception>
    /// <exception cref="EnvironmentException">GDCM is not installed.</exception>
    public static byte[] Write(IReadOnlyList<DicomElement> elements, bool isImplicit, string name)
    {
        ArgumentNullException.ThrowIfNull(elements);
        byte[] request = [isImplicit ? (byte)1 : (byte)0, .. DicomTree.Write(elements)];
        return DicomWorkers.Ask(new DicomQuestion('W', 1, 0), request, name, blocks => blocks[0]);
    }
}
