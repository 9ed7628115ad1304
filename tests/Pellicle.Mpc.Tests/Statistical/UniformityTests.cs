using System.Runtime.InteropServices;
using Pellicle.Core.Random;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Party;
using Pellicle.Mpc.Protocols.Replicated3;

namespace Pellicle.Mpc.Tests.Statistical;

/// <summary>What one party holds and receives looks like uniform noise, whatever the secret is.</summary>
/// <remarks>Chi-square over byte values, 255 degrees of freedom: mean 255, deviation sqrt(510) = 22.6. The bounds are 7 deviations away; for one test that is a false alarm
/// in fewer than 1 in 10^9 runs by the normal approximation, and still below 1 in 10^6 with the heavier upper tail of the distribution.</remarks>
public class UniformityTests
{
    private const double Low = 255 - (7 * 22.6);
    private const double High = 255 + (7 * 22.6);

    [Fact]
    public void Both_slots_of_any_one_party_are_uniform_for_a_constant_secret()
    {
        SharedTensor[] parts = new ReplicatedShares().Split(new ulong[20_000], new SystemSecureRandom());
        foreach (SharedTensor part in parts)
        {
            AssertUniform(Bytes(part.Slot(0)));
            AssertUniform(Bytes(part.Slot(1)));

            // The two slots must be independent of each other as well: their difference is uniform too.
            var difference = new ulong[part.Count];
            Ring64.Subtract(part.Slot(0), part.Slot(1), difference);
            AssertUniform(Bytes(difference));
        }
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(123_456UL)]
    [InlineData(ulong.MaxValue - 77_777)]
    public void Everything_a_party_receives_in_a_layer_with_relu_is_uniform(ulong secret)
    {
        const int N = 4096;
        var map = new DenseMap(1, 1, N);
        ulong[] x = new ulong[N];
        Array.Fill(x, secret);
        SharedTensor[] weight = new ReplicatedShares().Split([3UL << 13], new SystemSecureRandom());
        SharedTensor[] input = new ReplicatedShares().Split(x, new SystemSecureRandom());
        using var parties = new LoopbackParties(1, new SystemSecureRandom(), TimeSpan.FromSeconds(30));
        var received = new List<byte>[] { [], [], [] };
        for (int i = 0; i < 3; i++)
        {
            List<byte> mine = received[i];
            parties.Networks[i].Received = (_, _, bytes) => mine.AddRange(bytes.Span);
        }

        parties.Run(p =>
        {
            int me = p.Self.Index;
            SharedTensor z = p.Linear(map, weight[me], input[me], null, 16);
            SharedTensor y = p.SelectShare(p.IsNonNegative(z, 24), z);
            p.BitToArithmetic(p.IsNonNegative(y, 24)).Settle();
            p.MultiplySum(y, y, N, null, 16).Settle();
            return y;
        });
        foreach (List<byte> bytes in received)
        {
            Assert.True(bytes.Count > 50_000);
            AssertUniform(CollectionsMarshal.AsSpan(bytes));
        }
    }

    [Fact]
    public void The_test_notices_bytes_that_are_not_uniform()
    {
        byte[] bytes = new byte[100_000];
        new SystemSecureRandom().Fill(bytes);
        for (int i = 0; i < bytes.Length; i += 8)
        {
            bytes[i] = 0; // top byte of a small ring element
        }

        Assert.NotInRange(ByteFrequencies.Uniform(bytes), Low, High);
    }

    private static ReadOnlySpan<byte> Bytes(ulong[] values) => MemoryMarshal.AsBytes(values.AsSpan());

    private static void AssertUniform(ReadOnlySpan<byte> bytes) => Assert.InRange(ByteFrequencies.Uniform(bytes), Low, High);
}
