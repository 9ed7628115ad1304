using Pellicle.Core.Random;
using Pellicle.Tensors;

namespace Pellicle.Nn.Tests.Scattering;

public sealed class ScatteringStatisticsTests
{
    [Theory]
    [InlineData(1, 1, 4)]
    [InlineData(2, 8, 7)]
    [InlineData(3, 5, 8)]
    public void Products_with_averaging_matrices_equal_averages_map_by_map(int scales, int angles, int side)
    {
        using TensorScope scope = TensorScope.Open();
        using var layer = new ScatteringStatistics(scales, angles, side);
        int maps = 1 + (scales * angles) + (angles * angles * scales * (scales - 1) / 2);
        Tensor input = Positive(2, 3 * maps, side);
        float[] fast = layer.Forward(input, ForwardContext.Evaluation()).ToArray<float>();
        double[] slow = layer.Reference(input.To(DType.Float64), new ReferencePass(layer, DType.Float64, ForwardContext.Evaluation())).ToArray<double>();
        int groups = scales + (((angles / 2) + 1) * scales * (scales - 1) / 2);
        Assert.Equal(3 * (groups + 2), layer.PerColour);
        Assert.Equal(2 * 3 * layer.PerColour, fast.Length);

        // Logarithms of averages of at most 64 numbers around 1.
        Assert.All(slow.Zip(fast), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
    }

    [Fact]
    public void Turning_all_directions_by_one_changes_nothing()
    {
        using TensorScope scope = TensorScope.Open();
        const int L = 4;
        using var layer = new ScatteringStatistics(2, L, 4);
        Tensor input = Positive(1, 1 + (2 * L) + (L * L), 4);
        int[] turned = [0, .. Turned(1, L), .. Turned(1 + L, L), .. Enumerable.Range(0, L * L).Select(map => 1 + (2 * L) + (((map / L) + 1) % L * L) + (((map % L) + 1) % L))];
        Tensor other = input.IndexSelect(1, Tensor.From<long>(Array.ConvertAll(turned, map => (long)map), turned.Length));
        float[] before = layer.Forward(input, ForwardContext.Evaluation()).ToArray<float>();
        float[] after = layer.Forward(other, ForwardContext.Evaluation()).ToArray<float>();
        Assert.All(before.Zip(after), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        Assert.NotEqual(input.ToArray<float>(), other.ToArray<float>());
    }

    [Fact]
    public void Centre_sides_and_corners_are_told_apart()
    {
        using TensorScope scope = TensorScope.Open();
        using var layer = new ScatteringStatistics(1, 1, 4);
        float[] low = new float[16];
        low[5] = 4; // one of four central positions
        low[1] = 8; // one of eight at a side
        low[15] = 12; // one of four corners
        Tensor input = Tensor.From<float>([.. low, .. Enumerable.Repeat(1f, 16)], 1, 2, 4, 4);
        Assert.Equal([1, 1, 3], layer.Forward(input, ForwardContext.Evaluation()).ToArray<float>()[..3]);
    }

    private static IEnumerable<int> Turned(int first, int angles) => Enumerable.Range(0, angles).Select(angle => first + ((angle + 1) % angles));

    private static Tensor Positive(int images, int maps, int side)
    {
        var random = new SeededRandom(3);
        float[] values = [.. Enumerable.Range(0, images * maps * side * side).Select(_ => (float)Math.Exp(random.NextGaussian()))];
        return Tensor.From<float>(values, images, maps, side, side);
    }
}
