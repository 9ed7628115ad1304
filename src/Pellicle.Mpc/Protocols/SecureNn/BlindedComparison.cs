using System.Runtime.Intrinsics;

namespace Pellicle.Mpc.Protocols.SecureNn;

/// <summary>PrivateCompare at P0 or P1, for one element: from shares of the bits of x and a threshold R that both know, 64 digits whose sum over both parties has a zero if and only if β' = β xor (x > R) is 1.</summary>
/// <remarks>SecureNN, algorithm 3. Modulo 67, j the party, from the top bit down, W the sum of w over higher bits, T = R for β = 0 and R + 1 for β = 1:
/// w = x + j·T - 2·T·x, c = ±(j·T - x) + j + W with the minus for β = 1. The sum of c has a zero at the highest differing bit iff x > R (β = 0), x &lt; R + 1 (β = 1).
/// Corners: R + 1 = 2^64 (β = 1) and R = -1 (β = 0) have the zero by a constant, R = -1 with β = 1 has none.
/// <para>d = s·c + z, s nonzero. <em>z is a fresh sharing of zero</em> (+z at P0, -z at P1): P2 dealt the shares of x, and without z the quotient d0/d1 = c0/c1, which s does not change, would tell it R.
/// The positions are permuted by the caller.</para></remarks>
internal static class BlindedComparison
{
    /// <summary>Digits of one element.</summary>
    /// <param name="party">j, 0 or 1.</param>
    /// <param name="comparand">R and β.</param>
    /// <param name="bits">x: 64 digits, this party's share; replaced by d.</param>
    /// <param name="multipliers">s: 64 nonzero digits, the same at both parties.</param>
    /// <param name="zeros">z: 64 digits, the same at both parties.</param>
    public static void Blind(int party, Comparand comparand, Span<byte> bits, ReadOnlySpan<byte> multipliers, ReadOnlySpan<byte> zeros)
    {
        Vector128<byte> p = Vector128.Create((byte)Digits.Modulus), j = Vector128.Create((byte)party);
        Vector128<byte> flip = Vector128.Create((byte)(0 - comparand.Flip)), isCorner = Vector128.Create((byte)(0 - comparand.IsCorner)), isPlus = Vector128.Create((byte)(party - 1));
        ulong t = comparand.Bound;
        Vector128<byte> carry = Vector128<byte>.Zero;
        for (int v = 0; v < Digits.Count; v += 16)
        {
            Vector128<byte> bit = Digits.BitMask(t, v), x = Vector128.Create<byte>(bits.Slice(v, 16));
            Vector128<byte> one = Digits.Reduce(j + p - x), none = Digits.Reduce(p - x); // j - x and -x
            Vector128<byte> w = Vector128.ConditionalSelect(bit, one, x), difference = Vector128.ConditionalSelect(bit, one, none);
            Vector128<byte> sum = PrefixSum(w);
            Vector128<byte> above = Digits.Reduce(Vector128.Shuffle(sum, Vector128.Create(255, (byte)0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14)) + carry);
            carry = Digits.Reduce(carry + Vector128.Shuffle(sum, Vector128.Create((byte)15)));
            difference = Vector128.ConditionalSelect(flip, Digits.Reduce(p - difference), difference);
            Vector128<byte> c = Digits.Reduce(difference + j + above);
            Vector128<byte> constant = v == 0 ? Vector128.Create(comparand.HasNoZero, (byte)1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1) : Vector128<byte>.One;
            c = Vector128.ConditionalSelect(isCorner, constant * j, c);
            Vector128<byte> z = Vector128.Create(zeros.Slice(v, 16));
            z = Vector128.ConditionalSelect(isPlus, z, p - z);
            Digits.MultiplyAdd(c, Vector128.Create(multipliers.Slice(v, 16)), z).CopyTo(bits[v..]);
        }
    }

    /// <summary>The slow twin of <see cref="Blind"/>: digit by digit, as in the paper.</summary>
    public static void BlindReference(int party, Comparand comparand, Span<byte> bits, ReadOnlySpan<byte> multipliers, ReadOnlySpan<byte> zeros)
    {
        const int p = Digits.Modulus;
        int above = 0;
        for (int i = 0; i < Digits.Count; i++)
        {
            int x = bits[i], t = (int)((comparand.Bound >> (63 - i)) & 1);
            int c = comparand.Flip == 0 ? (party * t) - x + party + above : x - (party * t) + party + above;
            if (comparand.IsCorner == 1)
            {
                c = party * (i == 0 ? comparand.HasNoZero : 1);
            }

            above += x + (party * t) - (2 * t * x);
            int d = (multipliers[i] * c) + (party == 0 ? zeros[i] : -zeros[i]);
            bits[i] = (byte)(((d % p) + p) % p);
        }
    }

    // Inclusive, modulo 67: four doublings.
    private static Vector128<byte> PrefixSum(Vector128<byte> w)
    {
        w = Digits.Reduce(w + Vector128.Shuffle(w, Vector128.Create(255, (byte)0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14)));
        w = Digits.Reduce(w + Vector128.Shuffle(w, Vector128.Create(255, (byte)255, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13)));
        w = Digits.Reduce(w + Vector128.Shuffle(w, Vector128.Create(255, (byte)255, 255, 255, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)));
        return Digits.Reduce(w + Vector128.Shuffle(w, Vector128.Create(255, (byte)255, 255, 255, 255, 255, 255, 255, 0, 1, 2, 3, 4, 5, 6, 7)));
    }
}

/// <summary>The threshold R of a comparison, -1 to 2^64 - 1, with the bit β that flips it; no branch depends on either.</summary>
internal readonly record struct Comparand
{
    /// <summary>Takes R and β.</summary>
    /// <param name="threshold">R modulo 2^64.</param>
    /// <param name="isMinusOne">1 if R is -1, otherwise 0.</param>
    /// <param name="flip">β, 0 or 1.</param>
    public Comparand(ulong threshold, ulong isMinusOne, ulong flip)
    {
        ulong isLast = threshold == ulong.MaxValue ? 1UL : 0;
        Flip = (byte)flip;
        Bound = threshold + flip;
        IsCorner = (byte)(isLast & (isMinusOne | flip));
        HasNoZero = (byte)(isMinusOne & flip);
    }

    /// <summary>β.</summary>
    public byte Flip { get; }

    /// <summary>T: R, or R + 1 if β is 1.</summary>
    public ulong Bound { get; }

    /// <summary>1 if the answer is a constant.</summary>
    public byte IsCorner { get; }

    /// <summary>1 if that constant is β' = 0.</summary>
    public byte HasNoZero { get; }

    /// <summary>Kind only.</summary>
    public override string ToString() => "threshold of a comparison";
}
