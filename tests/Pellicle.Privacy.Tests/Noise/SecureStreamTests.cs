using Pellicle.Privacy.Noise;

namespace Pellicle.Privacy.Tests.Noise;

public class SecureStreamTests
{
    [Fact]
    public void First_block_under_the_zero_key_is_the_known_answer_of_AES_256()
    {
        // NIST known-answer test: AES-256, key 0, plaintext 0.
        using var stream = new SecureStream(new byte[32]);
        byte[] block = new byte[16];
        stream.Fill(block);
        Assert.Equal("dc95c078a2408989ad48a21492842087", Convert.ToHexStringLower(block));
    }

    [Fact]
    public void Any_position_can_be_opened_and_any_cut_gives_the_same_bytes()
    {
        byte[] key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
        byte[] whole = new byte[20_000];
        using (var stream = new SecureStream(key))
        {
            stream.Fill(whole);
            Assert.Equal(20_000UL, stream.Position);
        }

        foreach (int start in new[] { 0, 1, 15, 16, 4095, 4096, 12_345 })
        {
            using var stream = new SecureStream(key, (ulong)start);
            byte[] part = new byte[whole.Length - start];
            for (int i = 0, size = 1; i < part.Length; i += size, size = Math.Min(size * 3, part.Length - i))
            {
                stream.Fill(part.AsSpan(i, size));
            }

            Assert.Equal(whole[start..], part);
        }
    }

    [Fact]
    public void Bounded_integers_are_uniform_with_a_false_alarm_rate_of_1_in_a_million()
    {
        using var stream = new SecureStream([.. Enumerable.Repeat((byte)9, 32)]);
        int[] counts = new int[7];
        const int Draws = 140_000;
        for (int i = 0; i < Draws; i++)
        {
            counts[stream.NextInt(7)]++;
        }

        // Chi-square with 6 degrees of freedom: P(X > 38.26) = 1e-6. The key is fixed, so the test is deterministic.
        double chiSquare = counts.Sum(c => Math.Pow(c - Draws / 7.0, 2) / (Draws / 7.0));
        Assert.True(chiSquare < 38.26, $"{chiSquare}");
    }

    [Fact]
    public void Keys_of_other_lengths_are_refused_and_never_shown()
    {
        Assert.Throws<ArgumentException>(() => new SecureStream(new byte[16]));
        using var stream = new SecureStream([.. Enumerable.Repeat((byte)0xAB, 32)]);
        Assert.DoesNotContain("AB", stream.ToString(), StringComparison.Ordinal);
    }
}
