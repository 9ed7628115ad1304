using Pellicle.Core.Errors;
using Pellicle.Formats.Bytes;
using Pellicle.Formats.Npy;

namespace Pellicle.Data.Images;

/// <summary>A picture in a NumPy file: [H, W], [H, W, C] or [1, H, W, C] with C = 1 or 3; 8 bits, 16 bits (divided by 65,535), or floats in 0..1.</summary>
internal static class NpyPicture
{
    /// <exception cref="DataFormatException">Damaged, of another shape or type, too large, not finite, or outside 0..1.</exception>
    internal static RawImage Decode(ReadOnlySpan<byte> file, string name, long maxPixels)
    {
        using ByteSource source = ByteSource.FromMemory(file.ToArray(), name);
        long[] shape = NpyFile.ReadHeader(source).Shape;
        shape = shape is [1, _, _, 1 or 3] ? shape[1..] : shape;
        if (shape.Length is not (2 or 3) || (shape.Length == 3 && shape[2] is not (1 or 3)))
        {
            throw new DataFormatException($"'{name}' has the shape ({string.Join(", ", shape)}); expected (H, W), (H, W, C) or (1, H, W, C) with C = 1 or 3", "Volumes and channel-first pictures are not read; rearrange the array.");
        }

        if (shape[0] is < 1 or > 65500 || shape[1] is < 1 or > 65500 || shape[0] * shape[1] > maxPixels)
        {
            throw new DataFormatException($"'{name}' declares {shape[1]} x {shape[0]} pixels; expected 1 to 65500 on each side and at most {maxPixels} pixels", "Scale the picture down.");
        }

        NpyArray array = NpyFile.Read(source);
        (int height, int width, int channels) = ((int)shape[0], (int)shape[1], shape.Length == 3 ? (int)shape[2] : 1);
        return array.Type switch
        {
            NpyType.U1 => new RawImage(width, height, channels, array.Bytes),
            NpyType.U2 => new RawImage(width, height, channels, Array.ConvertAll(array.ToFloats(), v => v / 65535f)),
            _ when array.IsFloatingPoint => new RawImage(width, height, channels, UnitFloats(array)),
            _ => throw new DataFormatException($"{array.Name} holds {array.Type} numbers; expected 8 or 16 bits without sign, or floats in 0..1", "Scale the values by a public constant, for example (array / 4095.0).astype('float32')."),
        };
    }

    /// <summary>All elements as floats.</summary>
    /// <exception cref="DataFormatException">One is NaN, infinite, or outside 0..1.</exception>
    internal static float[] UnitFloats(NpyArray array)
    {
        array.RequireFinite();
        float[] values = array.ToFloats();
        for (int i = 0; i < values.Length; i++)
        {
            if (values[i] is < 0 or > 1)
            {
                throw new DataFormatException(
                    $"{array.Name}: element [{string.Join(", ", NonFinite.IndexIn(array.Shape, i))}] is outside 0..1; expected float pictures on the scale 0..1",
                    "Divide by the largest possible value (a public constant such as 255) when saving.");
            }
        }

        return values;
    }
}
