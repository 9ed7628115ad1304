using System.Buffers.Binary;
using System.Security.Cryptography;
using Pellicle.Native;

namespace Pellicle.Privacy.Noise;

/// <summary>The slow twin of <see cref="GaussianNoise"/> in the shortest correct code, and its portable way where the processor has no AES instructions.</summary>
/// <remarks>Differs by last bits of logarithm, sine and cosine only: results agree but for single grid units in rare cases (a value within about
/// 10⁻¹⁵ · |value| of the middle between two multiples of the grid).</remarks>
/// <param name="key">32 bytes; not copied.</param>
internal sealed class ReferenceGaussianNoise(byte[] key)
{
    private const int ChunkBlocks = 512;

    /// <summary>Blocks of the key stream: AES-256(key, block number, step), both as 8 little-endian bytes.</summary>
    /// <param name="step">High half of the counter.</param>
    /// <param name="firstBlock">Low half of the counter of the first block.</param>
    /// <param name="stream">Whole blocks of 16 bytes.</param>
    public void KeyStream(ulong step, ulong firstBlock, Span<byte> stream)
    {
        for (int i = 0; i < stream.Length; i += 16)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(stream[i..], firstBlock + ((ulong)i / 16));
            BinaryPrimitives.WriteUInt64LittleEndian(stream[(i + 8)..], step);
        }

        using var aes = Aes.Create();
        aes.Key = key;
        aes.EncryptEcb(stream, stream, PaddingMode.None);
    }

    /// <summary>Two standard normal values from one block.</summary>
    /// <param name="radiusWord">First 8 bytes.</param>
    /// <param name="angleWord">Last 8 bytes.</param>
    public static (double First, double Second) Pair(ulong radiusWord, ulong angleWord)
    {
        double uniform = (radiusWord * Math.ScaleB(1, -64)) + Math.ScaleB(1, -65);
        double radius = Math.Sqrt(-2 * Math.Log(uniform));
        ulong quadrant = angleWord >> 62;
        double place = (((angleWord << 2) >> 12) * Math.ScaleB(1, -52)) - 0.5;
        (double sine, double cosine) = (Math.Sin(place * (Math.PI / 2)), Math.Cos(place * (Math.PI / 2)));
        (double x, double y) = quadrant switch
        {
            0 => (cosine, sine),
            1 => (-sine, cosine),
            2 => (-cosine, -sine),
            _ => (sine, -cosine),
        };
        return (radius * x, radius * y);
    }

    /// <summary>As <see cref="GaussianNoise.AddTo"/>, for one tensor whose first element is the first of a block.</summary>
    /// <param name="sums">Changed in place.</param>
    /// <param name="standardDeviation">Of the noise.</param>
    /// <param name="grid">A power of two.</param>
    /// <param name="divisor">Above 0.</param>
    /// <param name="step">Number of the step.</param>
    /// <param name="firstBlock">Place of the first element in the stream, in pairs.</param>
    public void AddTo(Span<float> sums, double standardDeviation, double grid, double divisor, ulong step, ulong firstBlock)
    {
        byte[] stream = new byte[16 * ChunkBlocks];
        for (int start = 0; start < sums.Length; start += 2 * ChunkBlocks)
        {
            KeyStream(step, firstBlock + ((ulong)start / 2), stream);
            Span<float> part = sums[start..Math.Min(sums.Length, start + (2 * ChunkBlocks))];
            for (int i = 0; i < part.Length; i += 2)
            {
                ReadOnlySpan<byte> block = stream.AsSpan(8 * i, 16);
                (double first, double second) = Pair(BinaryPrimitives.ReadUInt64LittleEndian(block), BinaryPrimitives.ReadUInt64LittleEndian(block[8..]));
                part[i] = Release(part[i], first * (standardDeviation / grid), grid, divisor);
                if (i + 1 < part.Length)
                {
                    part[i + 1] = Release(part[i + 1], second * (standardDeviation / grid), grid, divisor);
                }
            }
        }

        CryptographicOperations.ZeroMemory(stream);
    }

    private static float Release(float sum, double noiseInGrids, double grid, double divisor)
    {
        double sumInGrids = sum / grid;
        if (!(Math.Abs(sumInGrids) < 1L << 52))
        {
            throw new TensorException("a sum to be noised is infinite, not a number, or too large for the grid");
        }

        return (float)((Math.Round(sumInGrids) + Math.Round(noiseInGrids)) * grid * (1 / divisor));
    }
}
