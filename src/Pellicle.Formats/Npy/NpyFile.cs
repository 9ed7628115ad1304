using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Pellicle.Core.Errors;
using Pellicle.Core.Files;
using Pellicle.Formats.Bytes;

namespace Pellicle.Formats.Npy;

/// <summary>Reads and writes single arrays in NumPy's .npy format, versions 1 to 3.</summary>
public static class NpyFile
{
    private const int Alignment = 64;

    /// <summary>True if the bytes begin as a .npy file does.</summary>
    /// <param name="start">At least the first six bytes of a file; fewer give false.</param>
    public static bool LooksLikeNpy(ReadOnlySpan<byte> start) => start.StartsWith(NpyHeaderParser.Magic);

    /// <summary>Reads a whole file.</summary>
    /// <param name="path">Path of the file.</param>
    /// <exception cref="DataFormatException">Missing, not .npy, an unsupported type, truncated, or too long; names file and byte.</exception>
    public static NpyArray Read(string path)
    {
        using ByteSource source = ByteSource.Open(path);
        return Read(source);
    }

    /// <summary>Reads a whole array.</summary>
    /// <param name="source">A .npy file.</param>
    /// <returns>The array in row-major order, whatever the order in the file.</returns>
    /// <exception cref="DataFormatException">Not .npy, an unsupported type, truncated, or too long; names file and byte.</exception>
    public static NpyArray Read(ByteSource source)
    {
        NpyHeader header = ReadHeader(source);
        long bytes = header.ElementCount * header.ElementSize;
        long available = source.Length - header.DataOffset;
        if (bytes != available)
        {
            throw new DataFormatException(
                $"{source.Name}: {(bytes > available ? "truncated" : "has surplus bytes")}: shape ({string.Join(", ", header.Shape)}) of {header.Type} needs {bytes} bytes from byte {header.DataOffset}, but {available} follow.",
                "The file is damaged or was not copied completely. Copy it or save it again.");
        }

        byte[] data = source.ReadBytes(header.DataOffset, bytes);
        if (header.IsBigEndian)
        {
            SwapBytes(data, header.ElementSize);
        }

        if (header.IsFortranOrder && header.Shape.Length > 1)
        {
            data = Reorder(data, header.Shape, header.ElementSize, fromFortran: true);
        }

        return NpyArray.Own(source.Name, header.Type, header.Shape, data);
    }

    /// <summary>Reads only the header.</summary>
    /// <param name="source">A .npy file, or its first bytes.</param>
    /// <exception cref="DataFormatException">Not .npy, an unsupported type, or sizes that overflow; names file and byte.</exception>
    public static NpyHeader ReadHeader(ByteSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return NpyHeaderParser.Parse(source);
    }

    /// <summary>Writes an array atomically.</summary>
    /// <param name="path">Final path; its folder is created.</param>
    /// <param name="array">The array.</param>
    /// <param name="layout">Byte order, index order and version in the file; null for little-endian, row-major, version 1.</param>
    /// <exception cref="EnvironmentException">The folder is read-only or the disk is full.</exception>
    public static void Write(string path, NpyArray array, NpyLayout? layout = null) =>
        AtomicFile.Write(path, stream => WriteTo(stream, array, layout));

    /// <summary>Writes an array into a stream.</summary>
    /// <param name="stream">Takes the whole file; stays open.</param>
    /// <param name="array">The array.</param>
    /// <param name="layout">Byte order, index order and version in the file; null for little-endian, row-major, version 1.</param>
    public static void WriteTo(Stream stream, NpyArray array, NpyLayout? layout = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(array);
        layout ??= new NpyLayout();
        int size = NpyHeader.SizeOf(array.Type);
        stream.Write(MakeHeader(array, size, layout));
        byte[]? data = null;
        if (layout.IsFortranOrder && array.Shape.Count > 1)
        {
            data = Reorder(array.Bytes.ToArray(), [.. array.Shape], size, fromFortran: false);
        }

        if (layout.IsBigEndian)
        {
            data ??= array.Bytes.ToArray();
            SwapBytes(data, size);
        }

        stream.Write(data ?? array.Bytes.Span);
    }

    private static byte[] MakeHeader(NpyArray array, int size, NpyLayout layout)
    {
        char order = size == 1 ? '|' : layout.IsBigEndian ? '>' : '<';
        string code = array.Type.ToString().ToLowerInvariant();
        string shape = array.Shape.Count == 1
            ? string.Create(CultureInfo.InvariantCulture, $"({array.Shape[0]},)")
            : $"({string.Join(", ", array.Shape)})";
        string text = $"{{'descr': '{order}{code}', 'fortran_order': {(layout.IsFortranOrder ? "True" : "False")}, 'shape': {shape}, }}";
        int prefix = layout.Version == 1 ? 10 : 12;
        int total = (prefix + text.Length + 1 + Alignment - 1) / Alignment * Alignment;
        var header = new byte[total];
        header.AsSpan().Fill((byte)' ');
        NpyHeaderParser.Magic.CopyTo(header);
        header[6] = (byte)layout.Version;
        header[7] = 0;
        if (layout.Version == 1)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(8), checked((ushort)(total - prefix)));
        }
        else
        {
            BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(8), total - prefix);
        }

        Encoding.ASCII.GetBytes(text, header.AsSpan(prefix));
        header[^1] = (byte)'\n';
        return header;
    }

    private static void SwapBytes(byte[] data, int size)
    {
        if (size == 1)
        {
            return;
        }

        for (int i = 0; i < data.Length; i += size)
        {
            data.AsSpan(i, size).Reverse();
        }
    }

    /// <summary>Moves elements between first-index-fastest and last-index-fastest order, walking the row-major side in sequence.</summary>
    private static byte[] Reorder(byte[] data, long[] shape, int size, bool fromFortran)
    {
        byte[] result = GC.AllocateUninitializedArray<byte>(data.Length);
        if (data.Length == 0)
        {
            return result;
        }

        int rank = shape.Length;
        var strides = new long[rank];
        strides[0] = size;
        for (int d = 1; d < rank; d++)
        {
            strides[d] = strides[d - 1] * shape[d - 1];
        }

        var index = new long[rank];
        long fortran = 0;
        for (int rowMajor = 0; rowMajor < data.Length; rowMajor += size)
        {
            (int from, int to) = fromFortran ? ((int)fortran, rowMajor) : (rowMajor, (int)fortran);
            data.AsSpan(from, size).CopyTo(result.AsSpan(to));
            for (int d = rank - 1; d >= 0; d--)
            {
                fortran += strides[d];
                if (++index[d] < shape[d])
                {
                    break;
                }

                fortran -= strides[d] * shape[d];
                index[d] = 0;
            }
        }

        return result;
    }
}
