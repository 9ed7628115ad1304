using Pellicle.Core.Random;

namespace Pellicle.NeuraCrypt.Keys;

/// <summary>Shamir 1979: a secret in n shares of which any k give it back and k − 1 tell nothing, byte by byte over GF(2⁸).</summary>
/// <remarks>Field polynomial x⁸ + x⁴ + x³ + x + 1, multiplication without tables or branches that depend on secrets.</remarks>
public static class KeyShares
{
    /// <summary>Most shares.</summary>
    public const int MostShares = 255;

    /// <summary>Splits a secret.</summary>
    /// <param name="secret">Any length.</param>
    /// <param name="threshold">k, 2 to n.</param>
    /// <param name="count">n, at most 255.</param>
    /// <param name="random">The cryptographic generator.</param>
    /// <returns>n shares; the first byte is the place 1 … n.</returns>
    public static byte[][] Split(ReadOnlySpan<byte> secret, int threshold, int count, ISecureRandom random)
    {
        ArgumentNullException.ThrowIfNull(random);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MostShares);
        ArgumentOutOfRangeException.ThrowIfLessThan(threshold, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threshold, count);
        var shares = new byte[count][];
        for (int s = 0; s < count; s++)
        {
            shares[s] = new byte[secret.Length + 1];
            shares[s][0] = (byte)(s + 1);
        }

        using var coefficients = new SecretBytes(threshold - 1);
        for (int i = 0; i < secret.Length; i++)
        {
            random.Fill(coefficients.Span);
            for (int s = 0; s < count; s++)
            {
                byte x = (byte)(s + 1);
                byte y = 0;
                for (int c = threshold - 2; c >= 0; c--)
                {
                    y = Multiply((byte)(y ^ coefficients.Span[c]), x);
                }

                shares[s][i + 1] = (byte)(y ^ secret[i]);
            }
        }

        return shares;
    }

    /// <summary>Joins k or more shares: Lagrange interpolation at 0.</summary>
    /// <param name="shares">Distinct shares of one secret. Too few, or shares of different secrets, give a wrong result without notice: check it elsewhere.</param>
    /// <exception cref="ArgumentException">Different lengths, or a place twice or zero.</exception>
    public static byte[] Join(IReadOnlyList<byte[]> shares)
    {
        ArgumentNullException.ThrowIfNull(shares);
        if (shares.Count == 0 || shares.Any(s => s.Length != shares[0].Length || s.Length < 2 || s[0] == 0) || shares.Select(s => s[0]).Distinct().Count() != shares.Count)
        {
            throw new ArgumentException("The shares have different lengths, or one is there twice.", nameof(shares));
        }

        var secret = new byte[shares[0].Length - 1];
        for (int j = 0; j < shares.Count; j++)
        {
            byte weight = 1;
            for (int m = 0; m < shares.Count; m++)
            {
                if (m != j)
                {
                    weight = Multiply(weight, Multiply(shares[m][0], Inverse((byte)(shares[m][0] ^ shares[j][0]))));
                }
            }

            for (int i = 0; i < secret.Length; i++)
            {
                secret[i] ^= Multiply(weight, shares[j][i + 1]);
            }
        }

        return secret;
    }

    private static byte Multiply(byte a, byte b)
    {
        int product = 0;
        int x = a;
        for (int bit = 0; bit < 8; bit++)
        {
            product ^= -((b >> bit) & 1) & x;
            x = (x << 1) ^ (-(x >> 7) & 0x11B);
        }

        return (byte)product;
    }

    // a²⁵⁴ = a⁻¹.
    private static byte Inverse(byte a)
    {
        byte result = 1;
        byte power = a;
        for (int bit = 1; bit < 8; bit++)
        {
            power = Multiply(power, power);
            result = Multiply(result, power);
        }

        return result;
    }
}
