using Pellicle.Nn.Losses;
using Pellicle.Tensors;

namespace Pellicle.Nn.Tests.Losses;

public sealed class CrossEntropyLossTests
{
    [Fact]
    public void Each_image_has_the_weighted_negative_log_probability_of_its_label()
    {
        using TensorScope scope = TensorScope.Open();
        using var loss = new CrossEntropyLoss(1, 2.5, 0);
        float[] values = loss.PerImage(Tensor.From<float>([1f, 2f, 3f, 0f, 0f, 0f, 5f, 5f, 5f], 3, 3), Tensor.From<long>([1, 0, 2], 3)).ToArray<float>();
        double denominator = Math.Exp(1) + Math.Exp(2) + Math.Exp(3);
        Assert.Equal(2.5 * -Math.Log(Math.Exp(2) / denominator), values[0], 1e-5);
        Assert.Equal(Math.Log(3), values[1], 1e-6);
        Assert.Equal(0, values[2], 1e-6);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    public void Class_weights_that_are_negative_or_not_finite_are_refused(double weight) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new CrossEntropyLoss(1, weight));
}
