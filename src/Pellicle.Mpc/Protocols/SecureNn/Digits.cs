using System.Buffers.Binary;
using System.Runtime.Intrinsics;

namespace Pellicle.Mpc.Protocols.SecureNn;

/// <summary>Numbers of 64 bits as digits modulo p = 67, the top bit first, one byte each; on the way between parties 7 bits each.</summary>
/// <remarks>p must be above 65, the largest digit that a comparison makes (SecureNN, section 4.1). Vectors of 16 digits; the slow twins work digit by digit.</remarks>
internal static class Digits
{
    /// <summary>p.</summary>
    public const int Modulus = 67;

    /// <summary>Digits of an element.</summary>
    public const int Count = 64;

    /// <summary>Bytes of an element between parties: 64 digits of 7 bits.</summary>
    public const int PackedBytes = 56;

    private static readonly Vector128<byte> P = Vector128.Create((byte)Modulus);

    /// <summary>Packs digits.</summary>
    /// <param name="digits">64 an element.</param>
    /// <param name="packed">56 an element.</param>
    public static void Pack(ReadOnlySpan<byte> digits, Span<byte> packed)
    {
        Span<byte> word = stackalloc byte[8];
        for (int i = 0, at = 0; i < digits.Length; i += 8, at += 7)
        {
            ulong x = BinaryPrimitives.ReadUInt64LittleEndian(digits[i..]);
            x = (x & 0x007F007F007F007F) | ((x & 0x7F007F007F007F00) >> 1);
            x = (x & 0x00003FFF00003FFF) | ((x & 0x3FFF00003FFF0000) >> 2);
            x = (x & 0x000000000FFFFFFF) | ((x & 0x0FFFFFFF00000000) >> 4);
            BinaryPrimitives.WriteUInt64LittleEndian(word, x);
            word[..7].CopyTo(packed[at..]);
        }
    }

    /// <summary>Unpacks digits.</summary>
    /// <param name="packed">56 an element.</param>
    /// <param name="digits">64 an element.</param>
    public static void Unpack(ReadOnlySpan<byte> packed, Span<byte> digits)
    {
        Span<byte> word = stackalloc byte[8];
        word[7] = 0;
        for (int i = 0, at = 0; i < digits.Length; i += 8, at += 7)
        {
            packed.Slice(at, 7).CopyTo(word);
            ulong x = BinaryPrimitives.ReadUInt64LittleEndian(word);
            x = (x & 0x000000000FFFFFFF) | ((x & 0x00FFFFFFF0000000) << 4);
            x = (x & 0x00003FFF00003FFF) | ((x & 0x0FFFC0000FFFC000) << 2);
            x = (x & 0x007F007F007F007F) | ((x & 0x3F803F803F803F80) << 1);
            BinaryPrimitives.WriteUInt64LittleEndian(digits[i..], x);
        }
    }

    /// <summary>The other share of the bits of a number: bit - share modulo 67.</summary>
    /// <param name="value">The number.</param>
    /// <param name="share">64 digits; replaced by the other share.</param>
    public static void SubtractFromBits(ulong value, Span<byte> share)
    {
        for (int v = 0; v < Count; v += 16)
        {
            Vector128<byte> one = BitMask(value, v) & Vector128<byte>.One;
            Reduce(one + P - Vector128.Create<byte>(share.Slice(v, 16))).CopyTo(share[v..]);
        }
    }

    /// <summary>1 if some digit of the sum of two vectors is 0, otherwise 0.</summary>
    /// <param name="a">64 digits.</param>
    /// <param name="b">64 digits.</param>
    public static ulong HasZeroSum(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        Vector128<byte> zeros = Vector128<byte>.Zero;
        for (int v = 0; v < Count; v += 16)
        {
            zeros |= Vector128.Equals(Reduce(Vector128.Create(a.Slice(v, 16)) + Vector128.Create(b.Slice(v, 16))), Vector128<byte>.Zero);
        }

        return zeros == Vector128<byte>.Zero ? 0UL : 1;
    }

    /// <summary>All ones where the bit is 1: positions first to first + 15, the top bit being position 0.</summary>
    internal static Vector128<byte> BitMask(ulong value, int first)
    {
        Vector128<byte> twoBytes = Vector128.Create(BinaryPrimitives.ReverseEndianness((ushort)(value >> (48 - first)))).AsByte();
        Vector128<byte> spread = Vector128.Shuffle(twoBytes, Vector128.Create((byte)0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1));
        Vector128<byte> places = Vector128.Create(0x0102040810204080UL).AsByte();
        return Vector128.Equals(spread & places, places);
    }

    /// <summary>Values below 134 modulo 67.</summary>
    internal static Vector128<byte> Reduce(Vector128<byte> values) => Vector128.Min(values, values - P);

    /// <summary>a·b + c modulo 67.</summary>
    internal static Vector128<byte> MultiplyAdd(Vector128<byte> a, Vector128<byte> b, Vector128<byte> c)
    {
        (Vector128<ushort> aLow, Vector128<ushort> aHigh) = Vector128.Widen(a);
        (Vector128<ushort> bLow, Vector128<ushort> bHigh) = Vector128.Widen(b);
        (Vector128<ushort> cLow, Vector128<ushort> cHigh) = Vector128.Widen(c);
        return Vector128.Narrow(Reduce((aLow * bLow) + cLow), Reduce((aHigh * bHigh) + cHigh));
    }

    // v up to 66·66 + 67. With 67 = 64 + 3, 64h + l is l - 3h: once it is in 61 … 331 after adding 4p, twice in 52 … 130 after adding p.
    private static Vector128<ushort> Reduce(Vector128<ushort> v)
    {
        Vector128<ushort> low = Vector128.Create((ushort)63), three = Vector128.Create((ushort)3), p = Vector128.Create((ushort)Modulus);
        v = (v & low) + Vector128.Create((ushort)(4 * Modulus)) - (three * (v >>> 6));
        v = (v & low) + p - (three * (v >>> 6));
        return Vector128.Min(v, v - p);
    }
}
