using System.Runtime.InteropServices;
using Pellicle.Formats.Safetensors;

namespace Pellicle.Formats.Tests.Safetensors;

public sealed class SafetensorsSequenceTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pellicle-sequence").FullName;

    private string File => Path.Combine(_folder, "a.safetensors");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Tensors_written_one_after_the_other_are_read_back()
    {
        float[] values = [.. Enumerable.Range(0, 18).Select(v => (float)v)];
        SafetensorsSequence.Write(File, "F32", [2, 3], ["b", "a", "c"], stream => stream.Write(MemoryMarshal.AsBytes<float>(values)));
        using SafetensorsFile read = SafetensorsFile.Read(File);
        Assert.Equal(values[..6], read.ReadFloats("b"));
        Assert.Equal(values[6..12], read.ReadFloats("a"));
        Assert.Equal(values[12..], read.ReadFloats("c"));
        Assert.Equal([2L, 3L], read.Find("a").Shape);
    }

    [Fact]
    public void A_file_with_too_few_bytes_does_not_appear()
    {
        Assert.Throws<InvalidOperationException>(() => SafetensorsSequence.Write(File, "F16", [4], ["a"], stream => stream.Write(new byte[6])));
        Assert.Empty(Directory.EnumerateFiles(_folder));
    }
}
