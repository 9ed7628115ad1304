using System.Security.Cryptography;
using Pellicle.Core.Random;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Kernels;

namespace Pellicle.Mpc.Tests.Unit;

public class KernelTests
{
    public static TheoryData<KernelLevel, int, int, int> Products()
    {
        var cases = new TheoryData<KernelLevel, int, int, int>();
        foreach (KernelLevel level in KernelSelector.Available.Where(l => l != KernelLevel.Reference))
        {
            foreach ((int m, int k, int n) in new[] { (1, 1, 1), (3, 5, 1), (7, 9, 2), (4, 256, 4), (5, 257, 7), (9, 300, 33), (16, 27, 64), (1, 1000, 5), (8, 300, 16), (17, 513, 300), (6, 9, 1), (8, 8, 1) })
            {
                cases.Add(level, m, k, n);
            }
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Products))]
    public void Every_level_adds_the_same_product_word_for_word(KernelLevel level, int m, int k, int n)
    {
        ulong[] a = RingSamples.Uniform(m * k, 1), b = RingSamples.Uniform(k * n, 2), start = RingSamples.Uniform(m * n, 3);
        ulong[] expected = [.. start], found = [.. start];
        RingMatrix.MultiplyAdd(KernelLevel.Reference, m, k, n, a, b, expected);
        RingMatrix.MultiplyAdd(level, m, k, n, a, b, found);
        Assert.Equal(expected, found);
    }

    [Fact]
    public void A_forced_level_is_the_one_in_use_and_an_unavailable_one_is_refused()
    {
        try
        {
            KernelSelector.Force(KernelLevel.Portable);
            Assert.Equal(KernelLevel.Portable, KernelSelector.Current);
        }
        finally
        {
            KernelSelector.Force(null);
        }

        Assert.Equal(KernelSelector.Available[^1], KernelSelector.Current);
        foreach (KernelLevel missing in Enum.GetValues<KernelLevel>().Except(KernelSelector.Available))
        {
            Assert.Throws<NotSupportedException>(() => KernelSelector.Force(missing));
        }
    }

    [Theory]
    [InlineData(1, 24)]
    [InlineData(63, 17)]
    [InlineData(64, 64)]
    [InlineData(65, 1)]
    [InlineData(513, 32)]
    public void Planes_by_transposition_equal_planes_bit_by_bit(int count, int planes)
    {
        ulong[] values = RingSamples.Uniform(count, 4);
        ulong[] expected = BitPlanes.SliceReference(values, planes), found = new ulong[expected.Length], transposed = new ulong[expected.Length];
        BitPlanes.Slice(values, planes, found);
        BitPlanes.SliceByTransposition(values, planes, transposed);
        Assert.Equal(expected, found);
        Assert.Equal(expected, transposed);
        var bits = new ulong[values.Length];
        BitPlanes.Unpack(found.AsSpan(0, BitPlanes.Words(values.Length)), [], bits);
        Assert.Equal(values.Select(value => value & 1), bits);
    }

    [Theory]
    [InlineData(13)]
    [InlineData(16)]
    public void Passes_over_wrap_lanes_are_the_same_at_every_level(int f)
    {
        ulong[] z = RingSamples.Uniform(67, 21), mask = RingSamples.Uniform(67, 22);
        ushort[] lanes0 = [.. RingSamples.Uniform(67, 23).Select(v => (ushort)v)], lanes1 = [.. RingSamples.Uniform(67, 24).Select(v => (ushort)v)];
        for (int i = 0; i < z.Length; i++)
        {
            // In 32-bit lanes nothing is vectorised; the low 16 bits are those of 16-bit lanes.
            uint[] wide0 = [lanes0[i]], wide1 = [lanes1[i]], top = [0], product = [lanes0[i]];
            ulong[] finished = [z[i]], added = [mask[i]];
            WrapLanes.ShareTopBits<uint>([z[i]], wide0, top);
            WrapLanes.MultiplyByTop<uint>([z[i]], wide1, product);
            WrapLanes.Finish<uint>(finished, wide0, wide1, f);
            WrapLanes.Add<uint>(wide0, added, f);
            (ushort[] Top, ushort[] Product, ulong[] Finished, ulong[] Added) all = (new ushort[z.Length], [.. lanes0], [.. z], [.. mask]);
            WrapLanes.ShareTopBits<ushort>(z, lanes0, all.Top);
            WrapLanes.MultiplyByTop<ushort>(z, lanes1, all.Product);
            WrapLanes.Finish<ushort>(all.Finished, lanes0, lanes1, f);
            WrapLanes.Add<ushort>(lanes0, all.Added, f);
            Assert.Equal(((ushort)top[0], (ushort)product[0], finished[0], added[0]), (all.Top[i], all.Product[i], all.Finished[i], all.Added[i]));
        }
    }

    [Fact]
    public void Swept_buffers_are_rented_again_and_live_ones_are_not()
    {
        var buffers = new RingBuffers();
        ulong[] live = buffers.Rent(5), dead = buffers.Rent(5), returned = buffers.Rent(5);
        buffers.Return(returned, returned, new ulong[5]);
        Assert.Same(returned, buffers.Rent(5));
        buffers.Sweep(new HashSet<ulong[]>(ReferenceEqualityComparer.Instance) { live });
        ulong[][] again = [buffers.Rent(5), buffers.Rent(5), buffers.Rent(5)];
        Assert.Contains(again, buffer => ReferenceEquals(buffer, dead));
        Assert.DoesNotContain(again, buffer => ReferenceEquals(buffer, live));
        live[0] = 7;
        buffers.Clear();
        Assert.Equal(0UL, live[0]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(100_003)]
    public void Both_forms_of_the_stream_equal_the_library_of_the_platform(int bytes)
    {
        byte[] key = [.. Enumerable.Range(0, 16).Select(i => (byte)(7 * i))];
        byte[] expected = new byte[bytes], library = new byte[bytes], fast = new byte[bytes];
        using (var aes = Aes.Create())
        {
            aes.Key = key;
            for (int block = 0; 16 * block < bytes; block++)
            {
                byte[] counter = [0, 0, 0, 9, 0, 0, 0, 5, 0, 0, 0, 0, (byte)(block >> 24), (byte)(block >> 16), (byte)(block >> 8), (byte)block];
                byte[] stream = aes.EncryptEcb(counter, PaddingMode.None);
                stream.AsSpan(0, Math.Min(16, bytes - (16 * block))).CopyTo(expected.AsSpan(16 * block));
            }
        }

        new PairwiseSeed(key, allowInstructions: false).Fill(9, 5, library);
        new PairwiseSeed(key).Fill(9, 5, fast);
        Assert.Equal(expected, library);
        Assert.Equal(expected, fast);
    }

    [Fact]
    public void A_stream_is_given_once()
    {
        var seed = new PairwiseSeed(PairwiseSeed.DrawKeys(new SystemSecureRandom())[0]);
        seed.Elements(1, 2, 3);
        seed.Elements(1, 3, 3);
        Assert.Throws<CryptographicException>(() => seed.Elements(1, 2, 3));
    }

    [Fact]
    public void A_convolution_equals_its_definition()
    {
        var map = new ConvolutionMap { Channels = 4, Height = 5, Width = 6, Batch = 2, OutputChannels = 6, Kernel = new(3, 2), Stride = new(2, 1), Padding = new(1, 0, 1, 1), Dilation = new(1, 2), ChannelGroups = 2 };
        ulong[] weight = RingSamples.Uniform(map.WeightCount, 5), input = RingSamples.Uniform(map.InputCount, 6);
        var found = new ulong[map.OutputCount];
        RingLinear.MultiplyAdd(map, weight, input, found, new RingBuffers());
        for (int k = 0; k < 6; k++)
        {
            for (int oh = 0; oh < map.OutputHeight; oh++)
            {
                for (int ow = 0; ow < map.OutputWidth; ow++)
                {
                    for (int image = 0; image < 2; image++)
                    {
                        Assert.Equal(Definition(map, weight, input, k, oh, ow, image), found[(((k * map.OutputHeight) + oh) * map.OutputWidth + ow) * 2 + image]);
                    }
                }
            }
        }
    }

    private static ulong Definition(ConvolutionMap map, ulong[] weight, ulong[] input, int k, int oh, int ow, int image)
    {
        ulong sum = 0;
        for (int c = 0; c < 2; c++)
        {
            for (int kh = 0; kh < 3; kh++)
            {
                for (int kw = 0; kw < 2; kw++)
                {
                    int h = (2 * oh) + kh - 1, w = ow + (2 * kw);
                    if (h >= 0 && h < 5 && w < 6)
                    {
                        int channel = (k / 3 * 2) + c;
                        sum += weight[(((k * 2) + c) * 3 + kh) * 2 + kw] * input[(((channel * 5) + h) * 6 + w) * 2 + image];
                    }
                }
            }
        }

        return sum;
    }
}
