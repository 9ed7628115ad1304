using Pellicle.Core.Random;
using Pellicle.Models;
using Pellicle.Nn;
using Pellicle.Tensors;

namespace Pellicle.Privacy.Tests.Clipping;

/// <summary>Small networks, one per kind of layer, and the models of the catalog at small sizes: each has 2-channel or 3-channel images and 4 classes.</summary>
internal static class ClippingCases
{
    public const int Classes = 4;

    public static TheoryData<string> LayerKinds =>
        ["linear", "tokens", "convStride", "convPadding", "convDilation", "convGroups", "convDepthwise", "convNoBias", "layerNorm", "groupNorm", "fixedBatchNorm", "attention", "mlp", "patches", "residual", "basicBlock", "dropout", "biasOnly", "frozenMiddle", "averagePool"];

    public static TheoryData<string> CatalogModels => ["cnn_mnist", "cnn_small", "resnet18_gn", "vit_tiny"];

    public static (Layer Model, long[] ImageShape) Create(string name)
    {
        var random = new SeededRandom(7);
        Linear Head(int width) => new(width, Classes, random.Derive("head"));
        Conv2d First(ConvolutionGeometry geometry, int outputs = 4) => new(4, outputs, geometry, random);
        long[] image = [4, 9, 9];
        Layer model = name switch
        {
            "linear" => new Sequential(new Flatten(), new Linear(4 * 81, 10, random), new Tanh(), Head(10)),
            "tokens" => new Sequential(new PatchEmbedding(4, 3, 6, random), new Linear(6, 5, random), new Tanh(), new Linear(5, 3, random, bias: false), new Flatten(), Head(27)),
            "convStride" => new Sequential(First(new ConvolutionGeometry(3, 3, 2)), new Relu(), new Flatten(), Head(64)),
            "convPadding" => new Sequential(First(new ConvolutionGeometry(3, 3, 1, 2)), new Relu(), new MaxPool2d(2, 1), new Conv2d(4, 3, new ConvolutionGeometry(3, 3, 2, 1), random), new Flatten(), Head(75)),
            "convDilation" => new Sequential(First(new ConvolutionGeometry(3, 2, 1, 1, 2)), new Relu(), new GlobalAveragePool(), Head(4)),
            "convGroups" => new Sequential(First(new ConvolutionGeometry(3, 3, 1, 1, 1, 2), 6), new Relu(), new GlobalAveragePool(), Head(6)),
            "convDepthwise" => new Sequential(First(new ConvolutionGeometry(3, 3, 2, 1, 1, 4)), new Tanh(), new GlobalAveragePool(), Head(4)),
            "convNoBias" => new Sequential(new Conv2d(4, 3, new ConvolutionGeometry(5, 3, 2, 1), random, bias: false), new Relu(), new GlobalAveragePool(), Head(3)),
            "layerNorm" => new Sequential(new PatchEmbedding(4, 3, 6, random), new LayerNorm(6), new Gelu(), new LayerNorm(6), new Flatten(), Head(54)),
            "groupNorm" => new Sequential(First(new ConvolutionGeometry(3, 3), 6), new GroupNorm(2, 6), new Tanh(), new Conv2d(6, 4, new ConvolutionGeometry(3, 3), random), new GroupNorm(1, 4), new Flatten(), Head(100)),
            "fixedBatchNorm" => new Sequential(First(new ConvolutionGeometry(3, 3), 6), new BatchNorm2d(6) { UseFixedStatistics = true }, new Relu(), new GlobalAveragePool(), Head(6)),
            "attention" => new Sequential(new PatchEmbedding(4, 3, 6, random), new MultiHeadAttention(6, 2, random), new Flatten(), Head(54)),
            "mlp" => new Sequential(new PatchEmbedding(4, 3, 6, random), new Mlp(6, 11, random), new Flatten(), Head(54)),
            "patches" => new VisionTransformer(new VisionTransformerOptions(9, 3, 4, Classes, 8, 2, 2), random),
            "residual" => new Sequential(new PatchEmbedding(4, 3, 6, random), new Residual(new Linear(6, 6, random)), new Flatten(), Head(54)),
            "basicBlock" => new Sequential(new BasicBlock(4, 8, 2, 2, random), new GlobalAveragePool(), Head(8)),
            "dropout" => new Sequential(new Flatten(), new Linear(4 * 81, 12, random), new Dropout(0.4), new Tanh(), Head(12)),
            "biasOnly" => new Sequential(First(new ConvolutionGeometry(3, 3, 2)), new Relu(), new Flatten(), new Linear(64, 6, random), new Tanh(), Head(6)),
            "frozenMiddle" => new Sequential(First(new ConvolutionGeometry(3, 3, 2)), new Relu(), new Flatten(), new Linear(64, 6, random), new Tanh(), Head(6)),
            "averagePool" => new Sequential(First(new ConvolutionGeometry(3, 3), 6), new AveragePool2d(2, 2), new Flatten(), Head(54)),
            _ => FromCatalog(name, random, out image),
        };
        if (name == "biasOnly")
        {
            foreach (Parameter parameter in model.Parameters().Where(parameter => parameter.Name.EndsWith("weight", StringComparison.Ordinal)))
            {
                parameter.IsTrainable = false;
            }
        }

        if (name == "frozenMiddle")
        {
            model.Freeze("3");
        }

        Perturb(model, random);
        return (model, image);
    }

    public static (Tensor Images, Tensor Labels) Batch(int count, long[] imageShape, ulong seed = 3)
    {
        var random = new SeededRandom(seed);
        int pixels = (int)imageShape.Aggregate(1L, (product, extent) => product * extent);
        float[] values = new float[count * pixels];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)random.NextGaussian();
        }

        long[] labels = new long[count];
        for (int i = 0; i < count; i++)
        {
            labels[i] = random.NextInt(Classes);
        }

        return (Tensor.From<float>(values, [count, .. imageShape]), Tensor.From<long>(labels, count));
    }

    private static Layer FromCatalog(string name, SeededRandom random, out long[] image)
    {
        (int size, int channels) = name switch { "cnn_mnist" => (28, 1), "resnet18_gn" => (32, 3), "vit_base" => (8, 3), _ => (16, 3) };
        image = [channels, size, size];
        return ModelCatalog.Create(name, new ModelOptions(size, channels, Classes), random).Root;
    }

    // Scales away from 1, shifts and biases away from 0, so that a wrong gradient cannot hide.
    private static void Perturb(Layer model, SeededRandom random)
    {
        foreach (Parameter parameter in model.Parameters().Where(parameter => parameter.Shape.Count == 1 && !parameter.IsStatistic))
        {
            foreach (ref float value in parameter.Value.Data<float>())
            {
                value += (float)(0.2 * random.NextGaussian());
            }
        }

        foreach (Parameter parameter in model.Parameters().Where(parameter => parameter.IsStatistic))
        {
            foreach (ref float value in parameter.Value.Data<float>())
            {
                value += (float)(0.3 * random.NextDouble());
            }
        }
    }
}
