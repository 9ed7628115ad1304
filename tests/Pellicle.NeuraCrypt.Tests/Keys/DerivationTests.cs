using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Pellicle.Core.Random;
using Pellicle.NeuraCrypt.Encoders;
using Pellicle.NeuraCrypt.Keys;

namespace Pellicle.NeuraCrypt.Tests.Keys;

public class DerivationTests
{
    private static readonly byte[] Seed = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    [Fact]
    public void Keystream_is_that_of_RFC_8439()
    {
        // RFC 8439, appendix A.1, test vector 2: key 0, nonce 0, block counter 1.
        const string Expected = "9f07e7be5551387a98ba977c732d080dcb0f29a048e3656912c6533e32ee7aed29b721769ce64e43d57133b074d839d531ed1f28510afb45ace10a1f4b794d6f";
        var stream = new byte[64];
        ChaCha20.Reference(new byte[32], stream);
        Assert.Equal(Expected, Convert.ToHexStringLower(stream));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(1000)]
    public void Keystream_of_the_platform_is_that_of_the_plain_rounds(int length)
    {
        var fast = new byte[length];
        var slow = new byte[length];
        ChaCha20.Fill(Seed, fast);
        ChaCha20.Reference(Seed, slow);
        Assert.Equal(slow, fast);
    }

    [Fact]
    public void Logarithm_sine_and_cosine_agree_with_the_platform()
    {
        var random = new SeededRandom(1);
        for (int i = 0; i < 20_000; i++)
        {
            double u = 1 - random.NextDouble();
            double t = random.NextDouble();
            (double sine, double cosine) = ExactNormal.SinCosOfTurns(t);
            Assert.True(Math.Abs(ExactNormal.Log(u) - Math.Log(u)) <= 1e-15 * Math.Max(1, -Math.Log(u)));
            Assert.Equal(Math.Sin(Math.Tau * t), sine, 1.5e-15);
            Assert.Equal(Math.Cos(Math.Tau * t), cosine, 1.5e-15);
        }
    }

    [Fact]
    public void Normals_have_the_moments_of_the_standard_normal()
    {
        // Deviations of the mean, variance and fourth moment of n normals: 1/√n, √(2/n), √(96/n); 5 of them: false alarm below 2e-6.
        float[] values = WeightDerivation.Derive(Seed, "id", new EncoderTensor("pos_embedding", [100_001], EncoderDistribution.Normal, 0));
        double n = values.Length;
        Assert.Equal(0, values.Sum(v => (double)v) / n, 5 / Math.Sqrt(n));
        Assert.Equal(1, values.Sum(v => (double)v * v) / n, 5 * Math.Sqrt(2 / n));
        Assert.Equal(3, values.Sum(v => Math.Pow(v, 4)) / n, 5 * Math.Sqrt(96 / n));
    }

    [Fact]
    public void Uniforms_are_multiples_of_a_power_of_two_within_the_bound()
    {
        float[] values = WeightDerivation.Derive(Seed, "id", new EncoderTensor("image_encoder.0.weight", [10_000], EncoderDistribution.Uniform, 256));
        Assert.All(values, v => Assert.True(v is >= -0.0625f and < 0.0625f && v * 16 * (1 << 23) == MathF.Round(v * 16 * (1 << 23))));
        Assert.InRange(values.Average(), -0.002f, 0.002f); // deviation of the mean 0.036/100
    }

    [Theory]
    [InlineData("image_encoder.0.weight", EncoderDistribution.Uniform, "ea05891e89582ca9d74728abef9864b1a1cc308a092659101ad0f543edf3b24a")]
    [InlineData("mixer.1.weight", EncoderDistribution.Uniform, "fd0aebf095df02fb0ca1cb65d16ca6aab75e9a3b3ced3a07eddfb6c1fd572fd7")]
    [InlineData("pos_embedding", EncoderDistribution.Normal, "e3b32dff002cffe81a748bd1851656f93cce72cb951083f56a3719b391014ada")]
    public void Derived_tensors_have_their_golden_hashes(string name, EncoderDistribution distribution, string sha256)
    {
        float[] values = WeightDerivation.Derive(Seed, "000102030405060708090a0b0c0d0e0f", new EncoderTensor(name, [4099], distribution, distribution == EncoderDistribution.Uniform ? 300 : 0));
        Assert.Equal(sha256, Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes<float>(values))));
    }

    [Fact]
    public void Tensors_keys_and_names_give_different_values()
    {
        float[] Of(string id, string name) => WeightDerivation.Derive(Seed, id, new EncoderTensor(name, [8], EncoderDistribution.Uniform, 1));
        Assert.NotEqual(Of("a", "x"), Of("b", "x"));
        Assert.NotEqual(Of("a", "x"), Of("a", "y"));
        Assert.Equal(Of("a", "x"), Of("a", "x"));
    }

    [Fact]
    public void Shuffles_are_uniform_over_all_orders()
    {
        // 6 orders of 3, 60,000 draws: chi-square with 5 degrees of freedom exceeds 30 with probability 1.5e-5; the generator is fixed.
        var random = new FixedRandom(3);
        var counts = new Dictionary<string, int>();
        for (int i = 0; i < 60_000; i++)
        {
            string order = string.Join(',', PatchShuffle.Draw(3, random));
            counts[order] = counts.GetValueOrDefault(order) + 1;
        }

        Assert.Equal(6, counts.Count);
        Assert.True(counts.Values.Sum(c => Math.Pow(c - 10_000, 2) / 10_000) < 30);
    }

    [Fact]
    public void Keyed_shuffles_repeat_for_an_image_and_differ_between_images()
    {
        using SecretBytes key = SecretBytes.CopyOf(Seed);
        int[] first = PatchShuffle.Keyed(256, key, "a");
        Assert.Equal(first, PatchShuffle.Keyed(256, key, "a"));
        Assert.NotEqual(first, PatchShuffle.Keyed(256, key, "b"));
        Assert.Equal(Enumerable.Range(0, 256), first.Order());
    }
}
