using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Pellicle.Data;

/// <summary>A decoded picture: 8-bit samples, or float samples in 0..1, interleaved by pixel, rows from the top.</summary>
public sealed class RawImage
{
    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly ReadOnlyMemory<float> _floats;

    /// <summary>Wraps 8-bit samples.</summary>
    /// <param name="width">Columns, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="channels">1 (grey) or 3 (RGB).</param>
    /// <param name="samples">[height, width, channels]; not copied.</param>
    public RawImage(int width, int height, int channels, ReadOnlyMemory<byte> samples)
        : this(width, height, channels, samples.Length) => _bytes = samples;

    /// <summary>Wraps float samples.</summary>
    /// <param name="width">Columns, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="channels">1 (grey) or 3 (RGB).</param>
    /// <param name="samples">[height, width, channels], finite, in 0..1; not copied.</param>
    public RawImage(int width, int height, int channels, ReadOnlyMemory<float> samples)
        : this(width, height, channels, samples.Length)
    {
        _floats = samples;
        IsFloat = true;
    }

    private RawImage(int width, int height, int channels, int samples)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        if (channels is not (1 or 3) || samples != (long)width * height * channels)
        {
            throw new ArgumentException($"{samples} samples do not make a picture of {width} x {height} with {channels} channels (1 or 3)");
        }

        Width = width;
        Height = height;
        Channels = channels;
    }

    /// <summary>Columns.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>1 (grey) or 3 (RGB).</summary>
    public int Channels { get; }

    /// <summary>True if the samples are floats in 0..1 (<see cref="Floats"/>), false if they are 8 bits (<see cref="Bytes"/>).</summary>
    public bool IsFloat { get; }

    /// <summary>[height, width, channels], 0..255; empty if <see cref="IsFloat"/>.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.Span;

    /// <summary>[height, width, channels], 0..1; empty unless <see cref="IsFloat"/>.</summary>
    public ReadOnlySpan<float> Floats => _floats.Span;

    /// <summary>SHA-256 over size and samples, in hex: equal for equal pixels, whatever the file format was.</summary>
    public string HashPixels()
    {
        Span<byte> head = stackalloc byte[16];
        BinaryPrimitives.WriteInt32LittleEndian(head, Width);
        BinaryPrimitives.WriteInt32LittleEndian(head[4..], Height);
        BinaryPrimitives.WriteInt32LittleEndian(head[8..], Channels);
        BinaryPrimitives.WriteInt32LittleEndian(head[12..], IsFloat ? 1 : 0);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(head);
        hash.AppendData(IsFloat ? MemoryMarshal.AsBytes(Floats) : Bytes);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
