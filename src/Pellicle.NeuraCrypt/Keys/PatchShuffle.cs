using System.Buffers.Binary;
using System.Security.Cryptography;
using Pellicle.Core.Random;

namespace Pellicle.NeuraCrypt.Keys;

/// <summary>A uniform permutation of the patches of one image: Fisher–Yates with rejection, so that no order is likelier than another.</summary>
/// <remarks>The shuffle does not protect: positions are told apart by their embedding, the same for all images (see the fingerprint and matching attacks).</remarks>
public static class PatchShuffle
{
    /// <summary>Draws an order.</summary>
    /// <param name="count">P, at least 1.</param>
    /// <param name="random">The cryptographic generator, or a keyed stream.</param>
    /// <returns>Row i of the result is row order[i] of the input.</returns>
    public static int[] Draw(int count, ISecureRandom random)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentNullException.ThrowIfNull(random);
        int[] order = [.. Enumerable.Range(0, count)];
        for (int i = count - 1; i > 0; i--)
        {
            int j = Below(i + 1, random);
            (order[i], order[j]) = (order[j], order[i]);
        }

        return order;
    }

    /// <summary>The order that a key gives an image, the same each time.</summary>
    /// <param name="count">P.</param>
    /// <param name="shuffleKey">Derived from the seed for this purpose.</param>
    /// <param name="imageId">Opaque id of the image.</param>
    internal static int[] Keyed(int count, SecretBytes shuffleKey, string imageId)
    {
        using SecretBytes key = WeightDerivation.Subkey(shuffleKey.Span, $"shuffle/v1|{imageId}");
        using var stream = new KeyedStream(key, count * 16);
        return Draw(count, stream);
    }

    /// <summary>A uniform number below a bound, by rejection.</summary>
    internal static int Below(int exclusiveMax, ISecureRandom random)
    {
        uint range = (uint)exclusiveMax;
        uint limit = uint.MaxValue - ((uint.MaxValue % range) + 1) % range; // largest multiple of the range, minus one
        Span<byte> bytes = stackalloc byte[4];
        while (true)
        {
            random.Fill(bytes);
            uint word = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
            if (word <= limit)
            {
                return (int)(word % range);
            }
        }
    }

    // Rejections are rare (below 2⁻²² each); a stream that is used up would be a fault.
    private sealed class KeyedStream : ISecureRandom, IDisposable
    {
        private readonly SecretBytes _stream;
        private int _used;

        public KeyedStream(SecretBytes key, int bytes)
        {
            _stream = new SecretBytes(bytes);
            ChaCha20.Fill(key.Span, _stream.Span);
        }

        public void Fill(Span<byte> destination)
        {
            if (_used + destination.Length > _stream.Length)
            {
                throw new CryptographicException("the keyed stream of a shuffle is used up");
            }

            _stream.Span.Slice(_used, destination.Length).CopyTo(destination);
            _used += destination.Length;
        }

        public void Dispose() => _stream.Dispose();
    }
}
