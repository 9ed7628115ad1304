using System.Buffers;
using Pellicle.Native;

namespace Pellicle.Data.Images;

/// <summary>A picture after resizing and channel choice, before normalisation: what the loader caches. Planar; one plane if all channels are equal.</summary>
internal sealed class PreparedImage
{
    private readonly byte[]? _bytes;
    private readonly float[]? _floats;
    private readonly int _plane;

    private PreparedImage(byte[]? bytes, float[]? floats, int plane)
    {
        _bytes = bytes;
        _floats = floats;
        _plane = plane;
    }

    /// <summary>Memory held, object headers included, roughly.</summary>
    internal long MemoryBytes => 64 + (_bytes?.Length ?? 0) + 4L * (_floats?.Length ?? 0);

    internal static PreparedImage Prepare(RawImage image, ImageTransform transform)
    {
        int side = transform.ImageSize;
        int plane = side * side;
        int planes = Math.Min(image.Channels, transform.Channels); // grey stays one plane; RGB to grey drops to one
        ImageWindow window = transform.Window(image);
        if (image.IsFloat)
        {
            float[] resized = ReferenceResize.Resize(image.Floats, image.Width, image.Channels, window, side, side);
            return new PreparedImage(null, planes == image.Channels ? resized : Luma(resized, plane), plane);
        }

        if (planes == 1 && image.Channels == 1 && window.Width == side && window.Height == side && image.Width == side)
        {
            return new PreparedImage(image.Bytes.Slice(window.Y * side, plane).ToArray(), null, plane);
        }

        byte[] bytes = GC.AllocateUninitializedArray<byte>(planes * plane);
        if (planes == image.Channels)
        {
            ImageCodec.Resize(image.Bytes, image.Width, image.Height, image.Channels, window, bytes, side, side, planar: true);
            return new PreparedImage(bytes, null, plane);
        }

        byte[] rgb = ArrayPool<byte>.Shared.Rent(3 * plane);
        ImageCodec.Resize(image.Bytes, image.Width, image.Height, image.Channels, window, rgb.AsSpan(0, 3 * plane), side, side, planar: true);
        Luma(rgb, bytes);
        ArrayPool<byte>.Shared.Return(rgb);
        return new PreparedImage(bytes, null, plane);
    }

    internal void WriteTo(Span<float> destination, NormalisationTable table)
    {
        if (destination.Length != table.Channels * _plane)
        {
            throw new ArgumentException($"holds {destination.Length} numbers; expected {table.Channels * _plane}", nameof(destination));
        }

        for (int c = 0; c < table.Channels; c++)
        {
            Span<float> target = destination.Slice(c * _plane, _plane);
            if (_bytes is not null)
            {
                table.Write(c, _bytes.AsSpan(_bytes.Length == _plane ? 0 : c * _plane, _plane), target);
            }
            else
            {
                table.Write(c, _floats!.AsSpan(_floats!.Length == _plane ? 0 : c * _plane, _plane), target);
            }
        }
    }

    /// <summary>Writes [S, S, C] of 8 bits; floats are rounded, one plane fills all channels.</summary>
    internal void WriteInterleaved(Span<byte> destination, int channels)
    {
        for (int c = 0; c < channels; c++)
        {
            int start = (_bytes?.Length ?? _floats!.Length) == _plane ? 0 : c * _plane;
            for (int i = 0; i < _plane; i++)
            {
                destination[i * channels + c] = _bytes is not null ? _bytes[start + i] : (byte)(Math.Clamp(_floats![start + i], 0f, 1f) * 255f + 0.5f);
            }
        }
    }

    // Weights of BT.601 in 1/65536; they add up to 65536, so that grey stays grey exactly.
    private static void Luma(ReadOnlySpan<byte> rgb, Span<byte> grey)
    {
        int n = grey.Length;
        for (int i = 0; i < n; i++)
        {
            grey[i] = (byte)((19595 * rgb[i] + 38470 * rgb[n + i] + 7471 * rgb[2 * n + i] + 32768) >> 16);
        }
    }

    private static float[] Luma(float[] rgb, int n)
    {
        var grey = new float[n];
        for (int i = 0; i < n; i++)
        {
            grey[i] = (19595f * rgb[i] + 38470f * rgb[n + i] + 7471f * rgb[2 * n + i]) / 65536f;
        }

        return grey;
    }
}
