using System.Runtime.InteropServices;
using Pellicle.Native;
using Pellicle.Privacy.Noise;
using Pellicle.Tensors;

namespace Pellicle.Privacy.Tests.Noise;

public sealed class GaussianNoiseTests : IDisposable
{
    private const int Count = 1_000_000;
    private static readonly byte[] Key = [.. Enumerable.Range(1, 32).Select(i => (byte)(7 * i))];

    private readonly TensorScope _scope = TensorScope.Open();

    public static TheoryData<string> Variants => [.. NativeRuntime.KernelVariants];

    public void Dispose()
    {
        NativeRuntime.SelectKernels("");
        _scope.Dispose();
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public unsafe void The_key_stream_is_that_of_the_platforms_aes(string variant)
    {
        NativeRuntime.SelectKernels(variant);
        byte[] expected = new byte[16 * 37];
        new ReferenceGaussianNoise(Key).KeyStream(5, ulong.MaxValue - 10, expected);
        ulong[] actual = new ulong[2 * 37];
        fixed (byte* key = Key)
        fixed (ulong* words = actual)
        {
            TorchNative.Check(TorchNative.pel_noise_keystream(key, 5, ulong.MaxValue - 10, words, 37));
        }

        Assert.Equal(expected, MemoryMarshal.AsBytes<ulong>(actual).ToArray());
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void The_fast_way_and_its_slow_twin_agree_but_for_rare_single_grid_units(string variant)
    {
        NativeRuntime.SelectKernels(variant);
        // Grid 2^-26 and divisor 1: float32 shows every unit of values below a quarter, so errors cannot hide in its rounding.
        double grid = Math.ScaleB(1, -26);
        float[] fast = Noised(portable: false, deviation: 0.05, grid);
        float[] slow = Noised(portable: true, deviation: 0.05, grid);
        int different = 0;
        for (int i = 0; i < fast.Length; i++)
        {
            double distance = Math.Abs((double)fast[i] - slow[i]);
            Assert.True(distance <= 2 * grid, $"element {i}: {fast[i]:R} and {slow[i]:R}");
            different += distance > 0 ? 1 : 0;
        }

        // Errors of 2 ulp move a value over the middle of two multiples with probability about 2^-51 · 10^7, and three in ten thousand values round
        // in float32 besides.
        Assert.InRange(different, 0, 20);
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void Mean_variance_kurtosis_and_tails_are_those_of_a_gaussian(string variant)
    {
        NativeRuntime.SelectKernels(variant);
        double[] z = [.. Noised(portable: false, deviation: 2, Math.ScaleB(1, -20)).Select(v => v / 2.0)];
        double mean = z.Average();
        double variance = z.Average(v => v * v) - (mean * mean);
        double kurtosis = z.Average(v => v * v * v * v) / (variance * variance);
        // Standard errors with 10^6 values: 0.001, 0.0014, 0.005, 52 and 0.76; five of them, so one false alarm in a million seeds.
        Assert.InRange(mean, -0.005, 0.005);
        Assert.InRange(variance, 0.993, 1.007);
        Assert.InRange(kurtosis, 2.975, 3.025);
        Assert.InRange(z.Count(v => Math.Abs(v) > 3), 2700 - 260, 2700 + 260);
        Assert.InRange(z.Count(v => Math.Abs(v) > 5), 0, 6);
        Assert.InRange(z.Zip(z.Skip(1), (a, b) => a * b).Average(), -0.005, 0.005);
    }

    [Fact]
    public void Extreme_words_give_the_stated_tail_and_no_infinity()
    {
        (double largest, _) = ReferenceGaussianNoise.Pair(0, 1UL << 61);
        Assert.InRange(largest, 8.5, GaussianNoise.LargestDeviation);
        (double smallest, double other) = ReferenceGaussianNoise.Pair(ulong.MaxValue, 1UL << 61);
        Assert.Equal(0, smallest, 6);
        Assert.Equal(0, other, 6);
    }

    [Fact]
    public void Noise_does_not_depend_on_the_number_of_threads_or_the_cut_into_calls()
    {
        int threads = NativeRuntime.Threads;
        float[] all = Noised(portable: false, 1, Math.ScaleB(1, -20));
        NativeRuntime.Start(1);
        float[] alone = Noised(portable: false, 1, Math.ScaleB(1, -20));
        NativeRuntime.Start(threads);
        Assert.Equal(all, alone);
    }

    [Fact]
    public void Every_tensor_of_a_call_has_its_own_noise()
    {
        Tensor a = Tensor.Zeros(5);
        Tensor b = Tensor.Zeros(1001);
        Tensor c = Tensor.Zeros(6);
        Tensor whole = Tensor.Zeros(6 + 1002 + 6);
        using var noise = new GaussianNoise(Key);
        noise.AddTo([a, b, c], 1, Math.ScaleB(1, -20), 1, 3);
        noise.AddTo([whole], 1, Math.ScaleB(1, -20), 1, 3);
        float[] expected = whole.ToArray<float>();
        Assert.Equal(expected[..5], a.ToArray<float>());
        Assert.Equal(expected[6..1007], b.ToArray<float>());
        Assert.Equal(expected[1008..], c.ToArray<float>());
    }

    [Fact]
    public void Another_step_or_key_gives_other_noise()
    {
        float[] first = Noised(portable: false, 1, Math.ScaleB(1, -20), step: 1);
        float[] second = Noised(portable: false, 1, Math.ScaleB(1, -20), step: 2);
        double correlation = first.Zip(second, (a, b) => (double)a * b).Average();
        Assert.InRange(correlation, -0.005, 0.005);
        Assert.DoesNotContain(first.Zip(second), pair => pair.First == pair.Second && Math.Abs(pair.First) > 1);
    }

    [Fact]
    public void Released_values_are_multiples_of_the_grid_over_the_divisor()
    {
        Tensor sum = Tensor.From<float>([0.123456789f, -3.3f, 1e-9f, 7], 4);
        using var noise = new GaussianNoise(Key);
        noise.AddTo([sum], 0.5, 1.0 / 1024, 4, 0);
        foreach (float value in sum.ToArray<float>())
        {
            Assert.Equal(Math.Round(value * 4096.0), value * 4096.0);
        }
    }

    [Fact]
    public void Without_noise_the_sum_is_rounded_and_divided()
    {
        Tensor sum = Tensor.From<float>([0.76f, -2.5f, 3.5f], 3);
        using var noise = new GaussianNoise(Key);
        noise.AddTo([sum], 0, 1, 2, 0);
        Assert.Equal([0.5f, -1f, 2f], sum.ToArray<float>());
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(1e30f)]
    public void A_sum_that_has_no_place_on_the_grid_is_refused(float value)
    {
        foreach (bool portable in new[] { false, true })
        {
            using var noise = new GaussianNoise(Key, portable);
            TensorException e = Assert.Throws<TensorException>(() => noise.AddTo([Tensor.From([1f, value], 2)], 1, 1.0 / 1024, 1, 0));
            Assert.Contains("not a number", e.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(-1, 0.5, 1)]
    [InlineData(double.NaN, 0.5, 1)]
    [InlineData(1, 0.3, 1)]
    [InlineData(1, 0, 1)]
    [InlineData(1, 0.5, 0)]
    [InlineData(1, 0.5, double.PositiveInfinity)]
    [InlineData(1e20, 0.5, 1)]
    public void Values_out_of_range_are_refused(double deviation, double grid, double divisor)
    {
        using var noise = new GaussianNoise(Key);
        Assert.ThrowsAny<ArgumentException>(() => noise.AddTo([Tensor.Zeros(2)], deviation, grid, divisor, 0));
    }

    [Fact]
    public void Keys_of_another_length_are_refused_and_never_printed()
    {
        Assert.Throws<ArgumentException>(() => new GaussianNoise(new byte[16]));
        using var noise = new GaussianNoise(Key);
        Assert.Equal("GaussianNoise (key of 32 bytes)", noise.ToString());
    }

    private static float[] Noised(bool portable, double deviation, double grid, ulong step = 9)
    {
        Tensor sum = Tensor.Zeros(Count);
        using var noise = new GaussianNoise(Key, portable);
        noise.AddTo([sum], deviation, grid, 1, step);
        return sum.ToArray<float>();
    }
}
