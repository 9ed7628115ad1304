using System.Buffers.Binary;
using System.Text;

namespace Pellicle.Formats.TensorBoard;

/// <summary>Writes scalars as a TensorBoard event file: TFRecord frames around <c>tensorflow.Event</c> messages. Knows nothing of TensorFlow.</summary>
/// <remarks>Frame (tensorflow/core/lib/io/record_writer.cc): length, 64 bits; masked CRC-32C of the length; message; masked CRC-32C of the message; all
/// little-endian. Message (tensorflow/core/util/event.proto): 1 wall_time (double), 2 step (int64), 3 file_version (string), 5 summary, whose
/// 1 is a value with 1 tag and 2 simple_value (float). Varint and length-delimited fields only, so no protocol-buffer library is needed.</remarks>
public sealed class EventFileWriter : IDisposable
{
    private const string FileVersion = "brain.Event:2";
    private readonly Stream _stream;

    /// <summary>Writes the first record, which names the version of the format.</summary>
    /// <param name="stream">Takes the file; closed with this writer.</param>
    /// <param name="wallTime">Seconds since 1970.</param>
    public EventFileWriter(Stream stream, double wallTime)
    {
        ArgumentNullException.ThrowIfNull(stream);
        _stream = stream;
        var message = new MemoryStream();
        WriteDouble(message, 1, wallTime);
        WriteBytes(message, 3, Encoding.UTF8.GetBytes(FileVersion));
        WriteRecord(message.ToArray());
    }

    /// <summary>Name of an event file, by which TensorBoard recognises it.</summary>
    /// <param name="wallTime">Seconds since 1970.</param>
    public static string NameFor(double wallTime) => $"events.out.tfevents.{(long)wallTime:d10}.pellicle";

    /// <summary>Adds scalars of one step.</summary>
    /// <param name="wallTime">Seconds since 1970.</param>
    /// <param name="step">Step of training.</param>
    /// <param name="values">Tags such as "train/loss" with finite values; an empty list writes nothing.</param>
    public void Add(double wallTime, long step, IReadOnlyList<(string Tag, double Value)> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (values.Count == 0)
        {
            return;
        }

        var summary = new MemoryStream();
        foreach ((string tag, double value) in values)
        {
            var one = new MemoryStream();
            WriteBytes(one, 1, Encoding.UTF8.GetBytes(tag));
            WriteFloat(one, 2, (float)value);
            WriteBytes(summary, 1, one.ToArray());
        }

        var message = new MemoryStream();
        WriteDouble(message, 1, wallTime);
        WriteKey(message, 2, wireType: 0);
        WriteVarint(message, (ulong)step);
        WriteBytes(message, 5, summary.ToArray());
        WriteRecord(message.ToArray());
    }

    /// <summary>Hands what was written to the system.</summary>
    public void Flush() => _stream.Flush();

    /// <summary>Flushes and closes the file.</summary>
    public void Dispose() => _stream.Dispose();

    private void WriteRecord(ReadOnlySpan<byte> message)
    {
        Span<byte> word = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(word, message.Length);
        _stream.Write(word);
        WriteChecksum(word);
        _stream.Write(message);
        WriteChecksum(message);
    }

    private void WriteChecksum(ReadOnlySpan<byte> bytes)
    {
        Span<byte> word = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(word, MaskedCrc32C.Of(bytes));
        _stream.Write(word);
    }

    private static void WriteKey(MemoryStream target, int field, int wireType) => WriteVarint(target, (ulong)(field << 3 | wireType));

    private static void WriteVarint(MemoryStream target, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            target.WriteByte((byte)(value | 0x80));
        }

        target.WriteByte((byte)value);
    }

    private static void WriteDouble(MemoryStream target, int field, double value)
    {
        WriteKey(target, field, wireType: 1);
        Span<byte> word = stackalloc byte[8];
        BinaryPrimitives.WriteDoubleLittleEndian(word, value);
        target.Write(word);
    }

    private static void WriteFloat(MemoryStream target, int field, float value)
    {
        WriteKey(target, field, wireType: 5);
        Span<byte> word = stackalloc byte[4];
        BinaryPrimitives.WriteSingleLittleEndian(word, value);
        target.Write(word);
    }

    private static void WriteBytes(MemoryStream target, int field, byte[] bytes)
    {
        WriteKey(target, field, wireType: 2);
        WriteVarint(target, (ulong)bytes.Length);
        target.Write(bytes);
    }
}
