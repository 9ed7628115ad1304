using System.Numerics;
using Pellicle.Core.Random;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Protocols.SecureNn;

namespace Pellicle.Mpc.Tests.Unit;

/// <summary>Parts of the comparison of <c>securenn</c> against slow twins.</summary>
public class SecureNnTests
{
    private static readonly byte[] Key = [.. Enumerable.Range(1, PairwiseSeed.KeyBytes).Select(i => (byte)i)];

    [Fact]
    public void Digits_come_back_from_seven_bits_each()
    {
        byte[] digits = Uniform(64 * 33, Digits.Modulus, 1), back = new byte[digits.Length], packed = new byte[33 * Digits.PackedBytes];
        digits.AsSpan(0, 64).Fill(66);
        Digits.Pack(digits, packed);
        Digits.Unpack(packed, back);
        Assert.Equal(digits, back);
        BigInteger first = new(packed.AsSpan(0, 7), isUnsigned: true); // eight digits in base 128
        Assert.Equal(Enumerable.Range(0, 8).Aggregate(BigInteger.Zero, (sum, i) => sum + (digits[i] * BigInteger.Pow(128, i))), first);
    }

    [Fact]
    public void Odd_ring_is_arithmetic_modulo_an_odd_number()
    {
        BigInteger modulus = (BigInteger.One << 64) - 1;
        ulong[] corners = [0, 1, 2, 1UL << 63, (1UL << 63) - 1, ulong.MaxValue - 1, ulong.MaxValue - 2];
        ulong[] values = [.. corners, .. RingSamples.Uniform(60, 3)];
        foreach (ulong a in values)
        {
            foreach (ulong b in values)
            {
                Assert.Equal((ulong)(((BigInteger)a + b) % modulus), OddRing.Add(a, b));
                Assert.Equal((ulong)(((BigInteger)a - b + modulus) % modulus), OddRing.Subtract(a, b));
            }
        }

        Assert.Equal(0UL, OddRing.Reduce(ulong.MaxValue));
    }

    [Fact]
    public void Blinded_digits_are_those_of_the_slow_twin_and_have_a_zero_exactly_where_the_comparison_says()
    {
        ulong[] samples = [0, 1, 2, ulong.MaxValue, ulong.MaxValue - 1, 1UL << 63, (1UL << 63) - 1, .. RingSamples.Uniform(25, 4)];
        ulong seed = 10;
        foreach (ulong x in samples)
        {
            // R = -1 comes with the word 2^64 - 1 as R = 2^64 - 1 does.
            (ulong R, bool IsMinusOne)[] thresholds = [.. samples.Append(x).Append(x - 1).Append(x + 1).Select(r => (r, false)), (ulong.MaxValue, true)];
            foreach ((ulong r, bool isMinusOne) in thresholds)
            {
                for (ulong flip = 0; flip < 2; flip++)
                {
                    byte[] share0 = Uniform(64, Digits.Modulus, ++seed), share1 = [.. share0], zeros = Uniform(64, Digits.Modulus, ++seed);
                    byte[] multipliers = [.. Uniform(64, Digits.Modulus - 1, ++seed).Select(digit => (byte)(digit + 1))];
                    Digits.SubtractFromBits(x, share1);
                    Assert.All(Enumerable.Range(0, 64), i => Assert.Equal((byte)((x >> (63 - i)) & 1), (byte)((share0[i] + share1[i]) % Digits.Modulus)));
                    byte[] twin0 = [.. share0], twin1 = [.. share1];
                    var comparand = new Comparand(r, isMinusOne ? 1UL : 0, flip);
                    BlindedComparison.Blind(0, comparand, share0, multipliers, zeros);
                    BlindedComparison.Blind(1, comparand, share1, multipliers, zeros);
                    BlindedComparison.BlindReference(0, comparand, twin0, multipliers, zeros);
                    BlindedComparison.BlindReference(1, comparand, twin1, multipliers, zeros);
                    Assert.Equal(twin0, share0);
                    Assert.Equal(twin1, share1);
                    Assert.Equal(flip ^ (isMinusOne || x > r ? 1UL : 0), Digits.HasZeroSum(share0, share1));
                }
            }
        }
    }

    // Trap: P2 dealt both shares of the bits of x, so it knows c_0 / c_1 as a function of R.
    // Chi-square with 66 degrees of freedom: mean 66, deviation 11.5; 7 deviations are a false alarm in fewer than 1 in 10^7 runs.
    [Fact]
    public void What_the_helper_sees_of_one_digit_is_uniform_given_the_sum_and_its_quotient_without_the_sharing_of_zero_is_not()
    {
        const ulong x = 0xA5A5_1234_0F0F_9876, r = 0x5A5A_1234_0F0E_0000;
        const int Draws = 20_000;
        byte[] bits0 = Uniform(64, Digits.Modulus, 1), bits1 = [.. bits0];
        Digits.SubtractFromBits(x, bits1);
        var with = new int[Digits.Modulus];
        var quotients = new HashSet<int>[] { [], [] };
        byte[] multipliers = new byte[64 * Draws], zeros = new byte[64 * Draws];
        new DigitStream(new PairwiseSeed(Key), 1, 0, isNonzero: true).Read(0, multipliers);
        new DigitStream(new PairwiseSeed(Key), 1, 2).Read(0, zeros);
        for (int i = 0; i < Draws; i++)
        {
            byte[] s = multipliers[(64 * i)..(64 * (i + 1))];
            (byte[] d0, byte[] d1) = Blinded(r, s, zeros[(64 * i)..(64 * (i + 1))]);
            with[d0[20]]++;
            (byte[] bare0, byte[] bare1) = Blinded(r, s, new byte[64]);
            Assert.Equal((bare0[20] + bare1[20]) % Digits.Modulus, (d0[20] + d1[20]) % Digits.Modulus);
            if (i < 200)
            {
                for (int k = 0; k < 2; k++)
                {
                    (byte[] e0, byte[] e1) = Blinded(r + ((ulong)k << 50), s, new byte[64]);
                    quotients[k].Add(e1[20] == 0 ? -1 : e0[20] * (int)BigInteger.ModPow(e1[20], Digits.Modulus - 2, Digits.Modulus) % Digits.Modulus);
                }
            }
        }

        double expected = Draws / (double)Digits.Modulus;
        Assert.InRange(with.Sum(count => (count - expected) * (count - expected) / expected), 66 - (5 * 11.5), 66 + (7 * 11.5));
        Assert.Single(quotients[0]);
        Assert.Single(quotients[1]);
        Assert.NotEqual(quotients[0], quotients[1]); // two thresholds, told apart by one digit

        (byte[] D0, byte[] D1) Blinded(ulong threshold, byte[] s, byte[] z)
        {
            byte[] d0 = [.. bits0], d1 = [.. bits1];
            BlindedComparison.Blind(0, new Comparand(threshold, 0, 0), d0, s, z);
            BlindedComparison.Blind(1, new Comparand(threshold, 0, 0), d1, s, z);
            return (d0, d1);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Digits_are_uniform_and_belong_to_the_number_of_their_element(bool isNonzero)
    {
        const int N = 3000;
        byte[] all = new byte[64 * N], one = new byte[64];
        new DigitStream(new PairwiseSeed(Key), 3, 0, isNonzero).Read(0, all);
        var single = new DigitStream(new PairwiseSeed(Key), 3, 0, isNonzero);
        for (int i = N - 1; i >= 0; i -= 7)
        {
            single.Read(i, one);
            Assert.Equal(all.AsSpan(64 * i, 64).ToArray(), one);
        }

        int[] counts = new int[Digits.Modulus];
        foreach (byte digit in all)
        {
            counts[digit]++;
        }

        int kinds = isNonzero ? 66 : 67;
        double expected = all.Length / (double)kinds;
        Assert.Equal(isNonzero, counts[0] == 0);
        Assert.InRange(counts.Skip(isNonzero ? 1 : 0).Sum(count => (count - expected) * (count - expected) / expected), 66 - (5 * 11.5), 66 + (7 * 11.5));
    }

    [Fact]
    public void Permutations_keep_all_digits_are_uniform_and_belong_to_the_number_of_their_element()
    {
        const int N = 6400;
        byte[] ordered = [.. Enumerable.Range(0, 64).Select(i => (byte)i)], all = [.. Enumerable.Repeat(ordered, N).SelectMany(row => row)];
        new PermutationStream(new PairwiseSeed(Key), 3, 0).Apply(0, all);
        var single = new PermutationStream(new PairwiseSeed(Key), 3, 0);
        var counts = new int[64, 64];
        for (int i = 0; i < N; i++)
        {
            byte[] row = all[(64 * i)..(64 * (i + 1))];
            Assert.Equal(ordered, row.Order());
            for (int place = 0; place < 64; place++)
            {
                counts[place, row[place]]++;
            }

            if (i % 11 == 0)
            {
                byte[] one = [.. ordered];
                single.Apply(i, one);
                Assert.Equal(row, one);
            }
        }

        // 64 x 64 counts of 100, 63·63 degrees of freedom: mean 3969, deviation 89.
        double statistic = 0;
        foreach (int count in counts)
        {
            statistic += (count - 100.0) * (count - 100.0) / 100;
        }

        Assert.InRange(statistic, 3969 - (7 * 89), 3969 + (7 * 89));
    }

    private static byte[] Uniform(int count, int below, ulong seed)
    {
        var random = new SeededRandom(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (byte)(random.NextUInt64() % (ulong)below))];
    }
}
