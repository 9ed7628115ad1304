using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using AesInstructions = System.Runtime.Intrinsics.X86.Aes;

namespace Pellicle.Mpc.Kernels;

/// <summary>AES-128 in counter mode with AES-NI, eight blocks in flight.</summary>
/// <remarks>A block is an 8-byte nonce followed by a 64-bit big-endian counter, the order that WebCrypto's AES-CTR with a counter length of 64 uses.</remarks>
internal sealed class AesCounterBlocks
{
    private readonly Vector128<byte>[] _keys = new Vector128<byte>[11];

    public AesCounterBlocks(ReadOnlySpan<byte> key)
    {
        Vector128<byte> k = Vector128.Create(key);
        _keys[0] = k;
        _keys[1] = k = Expand(k, AesInstructions.KeygenAssist(k, 0x01));
        _keys[2] = k = Expand(k, AesInstructions.KeygenAssist(k, 0x02));
        _keys[3] = k = Expand(k, AesInstructions.KeygenAssist(k, 0x04));
        _keys[4] = k = Expand(k, AesInstructions.KeygenAssist(k, 0x08));
        _keys[5] = k = Expand(k, AesInstructions.KeygenAssist(k, 0x10));
        _keys[6] = k = Expand(k, AesInstructions.KeygenAssist(k, 0x20));
        _keys[7] = k = Expand(k, AesInstructions.KeygenAssist(k, 0x40));
        _keys[8] = k = Expand(k, AesInstructions.KeygenAssist(k, 0x80));
        _keys[9] = k = Expand(k, AesInstructions.KeygenAssist(k, 0x1b));
        _keys[10] = Expand(k, AesInstructions.KeygenAssist(k, 0x36));
    }

    /// <summary>Overwrites the key; the object is of no use afterwards.</summary>
    public void Clear() => Array.Clear(_keys);

    public static bool IsSupported => AesInstructions.IsSupported;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Fill(ulong nonce, Span<byte> destination, ulong counter = 0)
    {
        ReadOnlySpan<Vector128<byte>> keys = _keys;
        ulong head = BinaryPrimitives.ReverseEndianness(nonce);
        Span<Vector128<byte>> blocks = MemoryMarshal.Cast<byte, Vector128<byte>>(destination);
        int i = 0;
        for (; i + 8 <= blocks.Length; i += 8, counter += 8)
        {
            Vector128<byte> a = Block(head, counter) ^ keys[0], b = Block(head, counter + 1) ^ keys[0];
            Vector128<byte> c = Block(head, counter + 2) ^ keys[0], d = Block(head, counter + 3) ^ keys[0];
            Vector128<byte> e = Block(head, counter + 4) ^ keys[0], f = Block(head, counter + 5) ^ keys[0];
            Vector128<byte> g = Block(head, counter + 6) ^ keys[0], h = Block(head, counter + 7) ^ keys[0];
            for (int r = 1; r < 10; r++)
            {
                Vector128<byte> key = keys[r];
                a = AesInstructions.Encrypt(a, key);
                b = AesInstructions.Encrypt(b, key);
                c = AesInstructions.Encrypt(c, key);
                d = AesInstructions.Encrypt(d, key);
                e = AesInstructions.Encrypt(e, key);
                f = AesInstructions.Encrypt(f, key);
                g = AesInstructions.Encrypt(g, key);
                h = AesInstructions.Encrypt(h, key);
            }

            blocks[i] = AesInstructions.EncryptLast(a, keys[10]);
            blocks[i + 1] = AesInstructions.EncryptLast(b, keys[10]);
            blocks[i + 2] = AesInstructions.EncryptLast(c, keys[10]);
            blocks[i + 3] = AesInstructions.EncryptLast(d, keys[10]);
            blocks[i + 4] = AesInstructions.EncryptLast(e, keys[10]);
            blocks[i + 5] = AesInstructions.EncryptLast(f, keys[10]);
            blocks[i + 6] = AesInstructions.EncryptLast(g, keys[10]);
            blocks[i + 7] = AesInstructions.EncryptLast(h, keys[10]);
        }

        for (int done = 16 * i; done < destination.Length; done += 16, counter++)
        {
            Vector128<byte> a = Block(head, counter) ^ keys[0];
            for (int r = 1; r < 10; r++)
            {
                a = AesInstructions.Encrypt(a, keys[r]);
            }

            a = AesInstructions.EncryptLast(a, keys[10]);
            ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(new ReadOnlySpan<Vector128<byte>>(in a));
            bytes[..Math.Min(16, destination.Length - done)].CopyTo(destination[done..]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Block(ulong head, ulong counter) => Vector128.Create(head, BinaryPrimitives.ReverseEndianness(counter)).AsByte();

    // FIPS 197, section 5.2, four words at a time.
    private static Vector128<byte> Expand(Vector128<byte> key, Vector128<byte> assist)
    {
        Vector128<byte> word = Sse2.Shuffle(assist.AsInt32(), 0xff).AsByte();
        key ^= Sse2.ShiftLeftLogical128BitLane(key, 4);
        key ^= Sse2.ShiftLeftLogical128BitLane(key, 8);
        return key ^ word;
    }
}
