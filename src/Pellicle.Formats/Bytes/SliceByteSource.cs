namespace Pellicle.Formats.Bytes;

/// <summary>A part of another source, which stays the owner of what lies beneath.</summary>
internal sealed class SliceByteSource(ByteSource parent, long start, long length, string name) : ByteSource(name, length)
{
    protected internal override void ReadCore(long offset, Span<byte> destination) => parent.ReadCore(start + offset, destination);
}
