using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Nn;
using Pellicle.Tensors;

namespace Pellicle.Models.Tests;

public sealed class ScatterNetworkTests
{
    [Fact]
    public void The_linear_network_has_one_row_of_81_maps_of_7_by_7_for_each_digit()
    {
        using ImageClassifier model = ModelCatalog.Create("scatter_linear", new ModelOptions(28, 1, 10), new SeededRandom(1));
        Assert.Equal(10 * ((81 * 7 * 7) + 1), model.ParameterCount);
        Assert.Equal(["head.weight", "head.bias"], model.Parameters.Select(parameter => parameter.Name));
        Assert.All(model.Parameters, parameter => Assert.All(parameter.Value.ToArray<float>(), value => Assert.Equal(0, value)));
        Assert.Equal((2, 8), (model.Spec.ScatteringScales, model.Spec.ScatteringAngles));
    }

    [Fact]
    public void Features_of_every_image_have_norm_one()
    {
        using TensorScope scope = TensorScope.Open();
        using ImageClassifier model = ModelCatalog.Create("scatter_linear", new ModelOptions(24, 3, 2) { ScatteringScales = 3, ScatteringAngles = 4 }, new SeededRandom(1));
        using GradientMode off = GradientMode.Off();
        var network = (FeatureNetwork)model.Root;
        float[] features = network.Features(Noise(4, 3, 24), ForwardContext.Evaluation()).ToArray<float>();
        int perImage = features.Length / 4;
        for (int image = 0; image < 4; image++)
        {
            // The smallest bands lose a little to the constant that keeps blank ones from being divided by zero.
            Assert.Equal(1, Math.Sqrt(features.Skip(image * perImage).Take(perImage).Sum(v => (double)v * v)), 5e-3);
        }
    }

    [Theory]
    [InlineData("scatter_linear")]
    [InlineData("scatter_cnn")]
    [InlineData("cnn_small")]
    [InlineData("resnet18_gn")]
    [InlineData("vit_tiny")]
    public void Classifier_on_features_gives_the_logits_of_the_network(string name)
    {
        using TensorScope scope = TensorScope.Open();
        using ImageClassifier model = ModelCatalog.Create(name, new ModelOptions(16, 3, 3), new SeededRandom(1));
        var random = new SeededRandom(2);
        foreach (ref float value in model.Head.Weight.Value.Data<float>())
        {
            value += (float)random.NextGaussian();
        }

        using GradientMode off = GradientMode.Off();
        Tensor images = Noise(2, 3, 16);
        var network = (FeatureNetwork)model.Root;
        float[] logits = model.Forward(images, ForwardContext.Evaluation()).ToArray<float>();
        float[] inParts = network.Classifier.Forward(network.Features(images, ForwardContext.Evaluation()), ForwardContext.Evaluation()).ToArray<float>();
        Assert.Equal(logits, inParts);
        Assert.True(logits.Distinct().Count() > 3);
        Assert.Equal(name.StartsWith("scatter", StringComparison.Ordinal), network.HasFixedFeatures);
        model.TrainOnly(TrainedPart.Head, 1, random);
        Assert.True(network.HasFixedFeatures);
    }

    [Fact]
    public void The_linear_network_equals_its_slow_twin_in_double()
    {
        using TensorScope scope = TensorScope.Open();
        using ImageClassifier model = ModelCatalog.Create("scatter_linear", new ModelOptions(13, 3, 4), new SeededRandom(1));
        var random = new SeededRandom(2);
        foreach (ref float value in model.Head.Weight.Value.Data<float>())
        {
            value = (float)random.NextGaussian();
        }

        using GradientMode off = GradientMode.Off();
        Tensor images = Noise(2, 3, 13);
        float[] fast = model.Forward(images, ForwardContext.Evaluation()).ToArray<float>();
        double[] slow = model.Root.Reference(images.To(DType.Float64), new ReferencePass(model.Root, DType.Float64, ForwardContext.Evaluation())).ToArray<double>();

        // Features of norm 1 and weights of deviation 1 give logits of size 1; float32 adds 1e-6 a product of about 3,000.
        Assert.All(slow.Zip(fast), pair => Assert.Equal(pair.First, pair.Second, 2e-5));
    }

    [Fact]
    public void Images_too_small_for_the_scales_are_refused()
    {
        UsageException refused = Assert.Throws<UsageException>(() => ModelCatalog.Create("scatter_linear", new ModelOptions(8, 1, 2) { ScatteringScales = 4 }, new SeededRandom(1)));
        Assert.Contains("--scattering-scales", refused.Hint, StringComparison.Ordinal);
    }

    private static Tensor Noise(int images, int channels, int size)
    {
        var random = new SeededRandom(4);
        float[] pixels = [.. Enumerable.Range(0, images * channels * size * size).Select(_ => (float)random.NextGaussian())];
        return Tensor.From<float>(pixels, images, channels, size, size);
    }
}
