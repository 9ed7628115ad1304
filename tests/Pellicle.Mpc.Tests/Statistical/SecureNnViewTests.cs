using System.Runtime.InteropServices;
using Pellicle.Core.Random;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Party;
using Pellicle.Mpc.Protocols;
using Pellicle.Mpc.Protocols.SecureNn;

namespace Pellicle.Mpc.Tests.Statistical;

/// <summary>What one party of <c>securenn</c> receives does not depend on the secret, and does not repeat.</summary>
/// <remarks>Chi-square over byte values with 255 degrees of freedom at most: mean 255, deviation 22.6. The bounds are 8 deviations above; with the heavier upper tail of the distribution that is a false
/// alarm in fewer than 1 in 10^7 for one statistic, and 1 in 10^5 for all of a run.</remarks>
public class SecureNnViewTests
{
    private const int N = 8192;
    private const double High = 255 + (8 * 22.6);

    [Fact]
    public void Each_message_to_each_party_looks_alike_for_two_secrets()
    {
        List<(int From, byte[] Bytes)>[] zero = Views(0, 0), other = Views(0xFFFF_FFFF_FFF1_2345, 0x0000_1234_5678_9ABC);
        for (int party = 0; party < PartyId.Count; party++)
        {
            Assert.Equal(zero[party].Select(m => (m.From, m.Bytes.Length)), other[party].Select(m => (m.From, m.Bytes.Length)));
            Assert.True(zero[party].Count >= 4);
            for (int k = 0; k < zero[party].Count; k++)
            {
                Assert.True(ByteFrequencies.TwoSample(zero[party][k].Bytes, other[party][k].Bytes) < High, $"message {k} to P{party}");
            }
        }
    }

    [Fact]
    public void The_test_notices_a_message_that_depends_on_the_secret()
    {
        byte[] first = new byte[8 * N], second = new byte[8 * N];
        new SystemSecureRandom().Fill(first);
        new SystemSecureRandom().Fill(second);
        for (int i = 0; i < second.Length; i += 40)
        {
            second[i] = 7; // one byte in 40 is not random
        }

        Assert.True(ByteFrequencies.TwoSample(first, second) > High);
    }

    // Masks, flips and permutations that repeat would make two runs of the same comparison differ by nothing, or by little.
    [Fact]
    public void Two_comparisons_of_the_same_values_show_the_helper_unrelated_messages()
    {
        List<(int From, byte[] Bytes)> helper = Views(42, 42)[2];
        byte[][] fromP0 = [.. helper.Where(m => m.From == 0).Select(m => m.Bytes)];
        Assert.Equal(6, fromP0.Length); // of each comparison: masked values, digits, digits
        ulong[] a = MemoryMarshal.Cast<byte, ulong>(fromP0[0]).ToArray(), b = MemoryMarshal.Cast<byte, ulong>(fromP0[3]).ToArray(), difference = new ulong[N];
        Ring64.Subtract(a, b, difference);
        Assert.InRange(ByteFrequencies.Uniform(MemoryMarshal.AsBytes(difference.AsSpan())), 255 - (7 * 22.6), High);
        foreach ((int first, int second) in new[] { (1, 4), (2, 5), (1, 2), (4, 5) })
        {
            byte[] x = Unpacked(fromP0[first]), y = Unpacked(fromP0[second]);
            int[] counts = new int[Digits.Modulus];
            for (int i = 0; i < x.Length; i++)
            {
                counts[(x[i] + Digits.Modulus - y[i]) % Digits.Modulus]++;
            }

            double expected = x.Length / (double)Digits.Modulus;
            Assert.InRange(counts.Sum(count => (count - expected) * (count - expected) / expected), 66 - (5 * 11.5), 66 + (8 * 11.5));
        }
    }

    // Each half of what P2 adds up is uniform by itself, at both parties.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Blinded_digits_of_one_party_are_uniform(int from)
    {
        byte[] digits = Unpacked(Views(5, 5)[2].Where(m => m.From == from).Select(m => m.Bytes).ElementAt(1));
        int[] counts = new int[Digits.Modulus];
        Array.ForEach(digits, digit => counts[digit]++);
        double expected = digits.Length / (double)Digits.Modulus;
        Assert.InRange(counts.Sum(count => (count - expected) * (count - expected) / expected), 66 - (5 * 11.5), 66 + (8 * 11.5));
    }

    // A layer, a sign of its result taken twice, a selection and a product, on one value many times.
    private static List<(int From, byte[] Bytes)>[] Views(ulong secret, ulong weight)
    {
        ulong[] x = new ulong[N];
        Array.Fill(x, secret);
        var map = new DenseMap(1, 1, N);
        var scheme = new AdditiveShares();
        SharedTensor[] weights = scheme.SplitWeight([weight], new SystemSecureRandom()), input = scheme.Split(x, new SystemSecureRandom());
        using var parties = new LoopbackParties(1, new SystemSecureRandom(), TimeSpan.FromSeconds(60), protocol: MpcProtocol.SecureNn);
        var views = new List<(int From, byte[] Bytes)>[] { [], [], [] };
        for (int i = 0; i < PartyId.Count; i++)
        {
            List<(int From, byte[] Bytes)> mine = views[i];
            parties.Networks[i].Received = (from, _, bytes) => mine.Add((from.Index, bytes.ToArray()));
        }

        parties.Run(p =>
        {
            SharedTensor z = p.Linear(map, weights[p.Self.Index], input[p.Self.Index], null, 13);
            SharedTensor y = p.SelectShare(p.IsNonNegative(z, 24), z);
            p.IsNonNegative(z, 24);
            return p.MultiplySum(y, y, N, null, 13);
        });
        return views;
    }

    private static byte[] Unpacked(byte[] packed)
    {
        byte[] digits = new byte[packed.Length / Digits.PackedBytes * Digits.Count];
        Digits.Unpack(packed, digits);
        return digits;
    }
}
