using System.Buffers.Binary;
using System.Text;
using Pellicle.Formats.TensorBoard;

namespace Pellicle.Formats.Tests.TensorBoard;

public sealed class EventFileWriterTests
{
    [Fact]
    public void Checksum_is_crc32c_of_the_standard_vectors()
    {
        // RFC 3720, B.4, and the check value of the Castagnoli polynomial.
        Assert.Equal(0xE3069283u, MaskedCrc32C.Crc("123456789"u8));
        Assert.Equal(0x8A9136AAu, MaskedCrc32C.Crc(new byte[32]));
        Assert.Equal(0x46DD794Eu, MaskedCrc32C.Crc([.. Enumerable.Range(0, 32).Select(i => (byte)i)]));
    }

    [Fact]
    public void The_first_record_has_the_bytes_that_every_event_file_begins_with()
    {
        using var stream = new MemoryStream();
        using var writer = new EventFileWriter(stream, 1.0);
        byte[] file = stream.ToArray();

        // Length 24 and its masked checksum are the first twelve bytes of every file that TensorFlow writes: 18 00 … A3 7F 4B 22.
        Assert.Equal([0x18, 0, 0, 0, 0, 0, 0, 0, 0xA3, 0x7F, 0x4B, 0x22], file[..12]);
        byte[] message = [0x09, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 0x1A, 0x0D, .. "brain.Event:2"u8];
        Assert.Equal(message, file[12..36]);
        Assert.Equal(40, file.Length);
    }

    [Fact]
    public void A_scalar_is_an_event_with_step_tag_and_value()
    {
        using var stream = new MemoryStream();
        using var writer = new EventFileWriter(stream, 1.0);
        writer.Add(2.0, 300, [("train/loss", 0.5)]);
        byte[] record = stream.ToArray()[40..];
        byte[] value = [0x0A, 10, .. Encoding.ASCII.GetBytes("train/loss"), 0x15, 0, 0, 0, 0x3F];
        byte[] message = [0x09, 0, 0, 0, 0, 0, 0, 0, 0x40, 0x10, 0xAC, 0x02, 0x2A, (byte)(value.Length + 2), 0x0A, (byte)value.Length, .. value];
        Assert.Equal(message.Length, BinaryPrimitives.ReadInt64LittleEndian(record));
        Assert.Equal(message, record[12..^4]);
        Assert.Equal(MaskedCrc32C.Of(message), BinaryPrimitives.ReadUInt32LittleEndian(record.AsSpan(record.Length - 4)));
    }

    [Fact]
    public void Nothing_is_written_for_a_step_without_figures()
    {
        using var stream = new MemoryStream();
        using var writer = new EventFileWriter(stream, 1.0);
        writer.Add(2.0, 1, []);
        Assert.Equal(40, stream.Length);
        Assert.Equal("events.out.tfevents.0000000012.pellicle", EventFileWriter.NameFor(12.7));
    }
}
