using Pellicle.Core.Random;
using Pellicle.Tensors;

namespace Pellicle.Nn.Tests.Layers;

public sealed class ChannelStatisticsTests
{
    [Fact]
    public void Mean_deviation_and_central_mean_of_a_channel_are_told()
    {
        using TensorScope scope = TensorScope.Open();
        using var layer = new ChannelStatistics();
        float[] values = new float[16];
        values[5] = values[6] = values[9] = values[10] = 8;
        float[] told = layer.Forward(Tensor.From<float>(values, 1, 1, 4, 4), ForwardContext.Evaluation()).ToArray<float>();
        Assert.Equal(2, told[0], 1e-5f);
        Assert.Equal(Math.Sqrt(12), told[1], 1e-5);
        Assert.Equal(8, told[2], 1e-5f);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 5)]
    public void It_equals_its_slow_twin_in_double(int height, int width)
    {
        using TensorScope scope = TensorScope.Open();
        using var layer = new ChannelStatistics();
        var random = new SeededRandom(1);
        Tensor input = Tensor.From<float>([.. Enumerable.Range(0, 2 * 3 * height * width).Select(_ => (float)random.NextGaussian())], 2, 3, height, width);
        float[] fast = layer.Forward(input, ForwardContext.Evaluation()).ToArray<float>();
        double[] slow = layer.Reference(input.To(DType.Float64), new ReferencePass(layer, DType.Float64, ForwardContext.Evaluation())).ToArray<double>();
        Assert.Equal(18, fast.Length);
        Assert.All(slow.Zip(fast), pair => Assert.Equal(pair.First, pair.Second, 1e-5));
    }
}
