using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Nn;
using Pellicle.Tensors;

namespace Pellicle.Models.Tests;

public sealed class TransferTests
{
    [Fact]
    public void Head_only_trains_the_last_linear_layer_of_every_network()
    {
        foreach ((string name, string head) in new[] { ("cnn_mnist", "fc2"), ("cnn_small", "head"), ("resnet18", "fc"), ("vit_tiny", "head") })
        {
            using ImageClassifier model = Create(name, name == "cnn_mnist" ? 28 : 32);
            model.TrainOnly(TrainedPart.Head, 8, new SeededRandom(2));
            Assert.Equal([head + ".weight", head + ".bias"], model.Root.TrainableParameters().Select(parameter => parameter.Name));
        }
    }

    [Fact]
    public void Bias_only_trains_biases_and_shifts_and_the_head()
    {
        using ImageClassifier model = Create("vit_tiny");
        model.TrainOnly(TrainedPart.Bias, 8, new SeededRandom(2));
        string[] trained = [.. model.Root.TrainableParameters().Select(parameter => parameter.Name)];
        Assert.Equal(["head.weight"], trained.Where(name => !name.EndsWith(".bias", StringComparison.Ordinal)));
        Assert.Contains("blocks.11.norm2.bias", trained);
        Assert.Contains("patch_embed.proj.bias", trained);
    }

    [Fact]
    public void Low_rank_pairs_start_as_the_same_function_and_merge_into_the_weights()
    {
        using TensorScope scope = TensorScope.Open();
        using GradientMode off = GradientMode.Off();
        using ImageClassifier model = Create("vit_tiny");
        Tensor images = Images(2, 32);
        float[] before = model.Forward(images, ForwardContext.Evaluation()).ToArray<float>();
        string[] plain = [.. model.Parameters.Select(parameter => parameter.Name)];
        model.TrainOnly(TrainedPart.Lora, 4, new SeededRandom(2));
        Assert.Equal(before, model.Forward(images, ForwardContext.Evaluation()).ToArray<float>());

        // Four linear layers in each of 12 blocks, widths 192, 576 and 768; the head has 192 + 1 values for each of 3 classes.
        Assert.Equal((12 * 4 * (192 + 576 + 192 + 192 + 192 + 768 + 768 + 192)) + (193 * 3), model.TrainableParameterCount);
        var random = new SeededRandom(3);
        foreach (Parameter parameter in model.Root.TrainableParameters())
        {
            foreach (ref float value in parameter.Value.Data<float>())
            {
                value += (float)(0.02 * random.NextGaussian());
            }
        }

        float[] trained = model.Forward(images, ForwardContext.Evaluation()).ToArray<float>();
        model.MergeAdapters();
        float[] merged = model.Forward(images, ForwardContext.Evaluation()).ToArray<float>();
        Assert.Equal(plain, model.Parameters.Select(parameter => parameter.Name));
        Assert.True(Distance(before, trained) > 0.01);

        // Float32 products in another order, through twelve blocks.
        Assert.InRange(Distance(trained, merged), 0, 1e-4);
    }

    [Fact]
    public void Low_rank_pairs_need_linear_layers_and_a_rank_that_fits()
    {
        using ImageClassifier residual = Create("resnet18_gn");
        Assert.Contains("--train-only head", Assert.Throws<UsageException>(() => residual.TrainOnly(TrainedPart.Lora, 8, new SeededRandom(1))).Hint, StringComparison.Ordinal);
        using ImageClassifier transformer = Create("vit_tiny");
        Assert.Contains("192", Assert.Throws<UsageException>(() => transformer.TrainOnly(TrainedPart.Lora, 193, new SeededRandom(1))).Message, StringComparison.Ordinal);
    }

    internal static Tensor Images(int count, int size, ulong seed = 5)
    {
        var random = new SeededRandom(seed);
        float[] pixels = new float[count * 3 * size * size];
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = (float)random.NextGaussian();
        }

        return Tensor.From<float>(pixels, count, 3, size, size);
    }

    internal static double Distance(float[] first, float[] second) =>
        Math.Sqrt(first.Zip(second, (a, b) => ((double)a - b) * (a - b)).Sum() / first.Sum(a => (double)a * a));

    private static ImageClassifier Create(string name, int size = 32) => ModelCatalog.Create(name, new ModelOptions(size, 3, 3), new SeededRandom(1));
}
