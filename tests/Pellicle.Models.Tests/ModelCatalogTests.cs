using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Nn;
using Pellicle.Tensors;

namespace Pellicle.Models.Tests;

public sealed class ModelCatalogTests
{
    // Counts of the published networks: torchvision's resnet18 (GroupNorm has as many affine values as BatchNorm), timm's
    // vit_tiny_patch16_224, vit_small_patch16_224, vit_base_patch16_224, each with 1000 classes.
    [Theory]
    [InlineData("cnn_mnist", 28, 1, 10, 26_010)]
    [InlineData("resnet18", 224, 3, 1000, 11_689_512)]
    [InlineData("resnet18_gn", 224, 3, 1000, 11_689_512)]
    [InlineData("resnet18_gn_ws", 224, 3, 1000, 11_689_512)]
    [InlineData("skin_vgg", 200, 3, 2, 14_755_778)]
    [InlineData("skin_fast", 200, 3, 2, 541_346)]
    [InlineData("vit_tiny", 224, 3, 1000, 5_717_416)]
    [InlineData("vit_small", 224, 3, 1000, 22_050_664)]
    public void Networks_have_the_number_of_parameters_of_the_published_ones(string name, int size, int channels, int classes, long expected)
    {
        using ImageClassifier model = ModelCatalog.Create(name, new ModelOptions(size, channels, classes), new SeededRandom(1));
        Assert.Equal(expected, model.ParameterCount);
    }

    [Fact]
    [Trait(Speed.Trait, Speed.Slow)]
    public void The_base_transformer_has_the_number_of_parameters_of_the_published_one()
    {
        using ImageClassifier model = ModelCatalog.Create("vit_base", new ModelOptions(224, 3, 1000), new SeededRandom(1));
        Assert.Equal(86_567_656, model.ParameterCount);
        Assert.Equal(16, model.Spec.PatchSize);
    }

    [Theory]
    [InlineData("cnn_mnist", 28, 1)]
    [InlineData("cnn_small", 28, 1)]
    [InlineData("cnn_small", 48, 3)]
    [InlineData("resnet18", 64, 3)]
    [InlineData("resnet18_gn", 64, 3)]
    [InlineData("resnet18_gn_ws", 64, 3)]
    [InlineData("skin_fast", 33, 3)]
    [InlineData("skin_vgg", 40, 3)]
    [InlineData("vit_tiny", 32, 3)]
    [InlineData("scatter_cnn", 14, 3)]
    public void Forward_pass_equals_the_slow_twin_in_double(string name, int size, int channels)
    {
        using TensorScope scope = TensorScope.Open();
        using ImageClassifier model = ModelCatalog.Create(name, new ModelOptions(size, channels, 3), new SeededRandom(2));
        var random = new SeededRandom(4);
        float[] pixels = new float[2 * channels * size * size];
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = (float)random.NextGaussian();
        }

        Tensor images = Tensor.From<float>(pixels, 2, channels, size, size);
        using GradientMode off = GradientMode.Off();
        float[] fast = model.Forward(images, ForwardContext.Evaluation()).ToArray<float>();
        double[] slow = model.Root.Reference(images.To(DType.Float64), new ReferencePass(model.Root, DType.Float64, ForwardContext.Evaluation())).ToArray<double>();
        double scale = slow.Max(Math.Abs);
        for (int i = 0; i < slow.Length; i++)
        {
            Assert.Equal(slow[i], fast[i], 2e-5 * scale);
        }
    }

    [Theory]
    [InlineData(224, 16)]
    [InlineData(128, 16)]
    [InlineData(96, 8)]
    [InlineData(64, 8)]
    [InlineData(32, 4)]
    [InlineData(28, 4)]
    public void Small_images_get_smaller_patches(int size, int patch)
    {
        using ImageClassifier model = ModelCatalog.Create("vit_tiny", new ModelOptions(size, 1, 2), new SeededRandom(1));
        Assert.Equal(patch, model.Spec.PatchSize);
    }

    [Fact]
    public void Equal_seeds_give_equal_networks()
    {
        using ImageClassifier first = ModelCatalog.Create("cnn_small", new ModelOptions(28, 1, 2), new SeededRandom(5));
        using ImageClassifier second = ModelCatalog.Create("cnn_small", new ModelOptions(28, 1, 2), new SeededRandom(5));
        Assert.All(first.Parameters.Zip(second.Parameters), pair => Assert.Equal(pair.First.Value.ToArray<float>(), pair.Second.Value.ToArray<float>()));
    }

    [Fact]
    public void Unknown_names_and_impossible_sizes_are_usage_errors()
    {
        Assert.Contains("cnn_small", Assert.Throws<UsageException>(() => ModelCatalog.Create("cnn_smal", new ModelOptions(28, 1, 2), new SeededRandom(1))).Message, StringComparison.Ordinal);
        Assert.Throws<UsageException>(() => ModelCatalog.Create("cnn_mnist", new ModelOptions(8, 1, 2), new SeededRandom(1)));
        Assert.Throws<UsageException>(() => ModelCatalog.Create("vit_tiny", new ModelOptions(225, 1, 2), new SeededRandom(1)));
        Assert.Throws<UsageException>(() => ModelCatalog.Create("cnn_small", new ModelOptions(28, 1, 1), new SeededRandom(1)));
    }

    [Fact]
    public void Images_of_another_size_are_refused_with_both_shapes()
    {
        using TensorScope scope = TensorScope.Open();
        using ImageClassifier model = ModelCatalog.Create("cnn_small", new ModelOptions(28, 1, 2), new SeededRandom(1));
        ArgumentException e = Assert.Throws<ArgumentException>(() => model.Forward(Tensor.Zeros(1, 3, 28, 28), ForwardContext.Evaluation()));
        Assert.Contains("[1, 3, 28, 28]", e.Message, StringComparison.Ordinal);
        Assert.Contains("[N, 1, 28, 28]", e.Message, StringComparison.Ordinal);
    }
}
