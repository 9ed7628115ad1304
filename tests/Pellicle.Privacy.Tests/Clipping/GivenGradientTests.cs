using Pellicle.Core.Random;
using Pellicle.Native;
using Pellicle.Nn;
using Pellicle.Nn.Losses;
using Pellicle.Privacy.Clipping;
using Pellicle.Tensors;

namespace Pellicle.Privacy.Tests.Clipping;

/// <summary>Gradients given as numbers are bounded as those computed from images are.</summary>
public sealed class GivenGradientTests : IDisposable
{
    private readonly Sequential _model;
    private readonly CrossEntropyLoss _loss = new([]);

    public GivenGradientTests()
    {
        NativeRuntime.Start(1);
        _model = new Sequential(new Flatten(), new Linear(12, 5, new SeededRandom(1)), new Tanh(), new Linear(5, 3, new SeededRandom(2)));
    }

    public void Dispose()
    {
        _model.Dispose();
        _loss.Dispose();
    }

    [Theory]
    [InlineData(ClippingMode.Flat, 0.01)]
    [InlineData(ClippingMode.Flat, 1000)]
    [InlineData(ClippingMode.PerLayer, 0.01)]
    [InlineData(ClippingMode.Automatic, 0.01)]
    public void A_units_gradient_given_as_numbers_adds_the_same_as_its_images(ClippingMode mode, double bound)
    {
        float[] random = [.. Enumerable.Range(0, 12).Select(i => MathF.Sin(i + 1))];
        using TensorScope scope = TensorScope.Open();
        Tensor image = Tensor.From<float>(random, 1, 3, 2, 2);
        Tensor label = Tensor.From<long>([1], 1);
        Tensor[] plain = Sum(null, clipper => clipper.Add(image, label, UnitLayout.OneImageEach(1)));

        var options = new ClippingOptions { Mode = mode, MaxGradNorm = bound };
        Tensor[] fromImage = Sum(options, clipper => clipper.Add(image, label, UnitLayout.OneImageEach(1)));
        Tensor[] fromNumbers = Sum(options, clipper => clipper.AddGradient(plain));

        foreach ((Tensor a, Tensor b) in fromImage.Zip(fromNumbers))
        {
            // The image path rounds norms up by their error bound, a few parts in 10⁶.
            Assert.All(a.ToArray<float>().Zip(b.ToArray<float>()), pair => Assert.Equal(pair.First, pair.Second, 1e-4f * (1e-6f + Math.Abs(pair.First))));
        }
    }

    [Theory]
    [InlineData(ClippingMode.Flat)]
    [InlineData(ClippingMode.PerLayer)]
    [InlineData(ClippingMode.Automatic)]
    public void A_huge_gradient_contributes_at_most_the_bound(ClippingMode mode)
    {
        using TensorScope scope = TensorScope.Open();
        Tensor?[] gradient = [.. _model.TrainableParameters().Select(parameter => Tensor.From<float>(Enumerable.Repeat(1e6f, (int)parameter.Count).ToArray(), [.. parameter.Shape]))];
        var options = new ClippingOptions { Mode = mode, MaxGradNorm = 0.5 };

        Tensor[] sum = Sum(options, clipper => Assert.Equal(1, clipper.AddGradient(gradient).Clipped));

        double norm = Math.Sqrt(sum.Sum(tensor => tensor.ToArray<float>().Sum(value => (double)value * value)));
        Assert.InRange(norm, 0.49, 0.5);
    }

    [Fact]
    public void A_gradient_that_is_not_finite_stops_the_step_or_counts_as_zero()
    {
        using TensorScope scope = TensorScope.Open();
        Tensor?[] gradient = new Tensor?[_model.TrainableParameters().Count];
        gradient[^1] = Tensor.From<float>([float.NaN, 0, 0], 3);

        Assert.Throws<NonFiniteGradientException>(() => Sum(new ClippingOptions(), clipper => clipper.AddGradient(gradient)));
        Assert.All(Sum(new ClippingOptions { ZeroNonFinite = true }, clipper => clipper.AddGradient(gradient)), tensor => Assert.All(tensor.ToArray<float>(), value => Assert.Equal(0, value)));
    }

    [Fact]
    public void A_tensor_of_another_shape_is_refused()
    {
        using TensorScope scope = TensorScope.Open();
        Tensor?[] gradient = new Tensor?[_model.TrainableParameters().Count];
        gradient[0] = Tensor.Zeros(2, 2);

        Assert.Throws<ArgumentException>(() => Sum(new ClippingOptions(), clipper => clipper.AddGradient(gradient)));
        Assert.Throws<ArgumentException>(() => Sum(new ClippingOptions(), clipper => clipper.AddGradient([])));
    }

    private Tensor[] Sum(ClippingOptions? options, Action<PerUnitClipper> add)
    {
        using var clipper = new PerUnitClipper(_model, _loss, options);
        clipper.BeginStep();
        add(clipper);
        return [.. clipper.EndStep().Parameters.Select(parameter => Tensor.From<float>(parameter.Gradient!.ToArray<float>(), [.. parameter.Shape]))];
    }
}
