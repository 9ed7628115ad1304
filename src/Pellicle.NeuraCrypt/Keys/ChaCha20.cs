using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;

namespace Pellicle.NeuraCrypt.Keys;

/// <summary>The keystream of ChaCha20 (RFC 8439, section 2.4) with a zero nonce, from block counter 1 on.</summary>
/// <remarks>Each key is used for one stream only, so the nonce is fixed. The platform's ChaCha20-Poly1305 encrypts zeros, which gives this
/// keystream (RFC 8439, section 2.8: the payload starts at counter 1); where the platform has none, the plain rounds do.</remarks>
internal static class ChaCha20
{
    private const int BlockBytes = 64;

    /// <summary>Fills the destination with the keystream.</summary>
    /// <param name="key">32 bytes.</param>
    /// <param name="destination">At most 256 GiB − 64 bytes.</param>
    internal static void Fill(ReadOnlySpan<byte> key, Span<byte> destination)
    {
        if (!ChaCha20Poly1305.IsSupported)
        {
            Reference(key, destination);
            return;
        }

        destination.Clear();
        using var cipher = new ChaCha20Poly1305(key);
        Span<byte> nonce = stackalloc byte[12];
        nonce.Clear();
        Span<byte> tag = stackalloc byte[16];
        cipher.Encrypt(nonce, destination, destination, tag);
    }

    /// <summary>The slow twin: RFC 8439, section 2.3, block by block.</summary>
    internal static void Reference(ReadOnlySpan<byte> key, Span<byte> destination)
    {
        Span<uint> state = stackalloc uint[16];
        Span<uint> work = stackalloc uint[16];
        Span<byte> block = stackalloc byte[BlockBytes];
        state.Clear();
        (state[0], state[1], state[2], state[3]) = (0x61707865, 0x3320646e, 0x79622d32, 0x6b206574); // "expand 32-byte k"
        for (int i = 0; i < 8; i++)
        {
            state[4 + i] = BinaryPrimitives.ReadUInt32LittleEndian(key[(4 * i)..]);
        }

        for (uint counter = 1; !destination.IsEmpty; counter++)
        {
            state[12] = counter;
            state.CopyTo(work);
            for (int round = 0; round < 10; round++)
            {
                Quarter(work, 0, 4, 8, 12);
                Quarter(work, 1, 5, 9, 13);
                Quarter(work, 2, 6, 10, 14);
                Quarter(work, 3, 7, 11, 15);
                Quarter(work, 0, 5, 10, 15);
                Quarter(work, 1, 6, 11, 12);
                Quarter(work, 2, 7, 8, 13);
                Quarter(work, 3, 4, 9, 14);
            }

            for (int i = 0; i < 16; i++)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(block[(4 * i)..], work[i] + state[i]);
            }

            int count = Math.Min(BlockBytes, destination.Length);
            block[..count].CopyTo(destination);
            destination = destination[count..];
        }

        CryptographicOperations.ZeroMemory(block);
    }

    private static void Quarter(Span<uint> s, int a, int b, int c, int d)
    {
        s[a] += s[b];
        s[d] = BitOperations.RotateLeft(s[d] ^ s[a], 16);
        s[c] += s[d];
        s[b] = BitOperations.RotateLeft(s[b] ^ s[c], 12);
        s[a] += s[b];
        s[d] = BitOperations.RotateLeft(s[d] ^ s[a], 8);
        s[c] += s[d];
        s[b] = BitOperations.RotateLeft(s[b] ^ s[c], 7);
    }
}
