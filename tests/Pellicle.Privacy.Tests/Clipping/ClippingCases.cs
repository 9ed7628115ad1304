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
        ["linear", "tokens", "convStride", "convPadding", "convDilation", "convGroups", "convDepthwise", "convNoBias", "layerNorm", "groupNorm", "fixedBatchNorm", "attention", "mlp", "patches", "residual", "basicBlock", "dropout", "biasOnly", "frozenMiddle", "averagePool",
         "convSame", "convSameEven", "conv1d", "conv1dGroups", "conv1dSame", "conv3d", "conv3dGroups", "conv3dSame", "convTransposed", "convTransposedGroups", "instanceNorm", "rmsNorm", "prelu", "preluChannels",
         "layerScale", "embedding", "standardized", "standardizedGroups", "standardizedOnePosition", "lora", "loraTransformer", "headOnly", "biasOnlyTransformer", "biasOnlyConvolutions", "reAttention", "reAttentionFirst", "encodingFront"];

    public static TheoryData<string> CatalogModels => ["cnn_mnist", "cnn_small", "resnet18_gn", "resnet18_gn_ws", "vit_tiny"];

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
            "convSame" => new Sequential(First(new ConvolutionGeometry(3, 3, 1, 0, 2) { KeepsSize = true }), new Tanh(), new GlobalAveragePool(), Head(4)),
            "convSameEven" => new Sequential(First(new ConvolutionGeometry(2, 4, 1, 0, 1, 2) { KeepsSize = true }), new Tanh(), new GlobalAveragePool(), Head(4)),
            "conv1d" => new Sequential(new AsSequence(), new Conv1d(4, 5, 3, random, stride: 2, padding: 1, dilation: 2), new Tanh(), new Flatten(), Head(5 * 40)),
            "conv1dGroups" => new Sequential(new AsSequence(), new Conv1d(4, 6, 4, random, stride: 3, groups: 2, bias: false), new Tanh(), new Flatten(), Head(6 * 26)),
            "conv1dSame" => new Sequential(new AsSequence(), new Conv1d(4, 2, 4, random, keepsSize: true), new Tanh(), new Flatten(), Head(2 * 81)),
            "conv3d" => new Sequential(new AsVolume(), new Conv3d(2, 3, new VolumeGeometry(2, 3, 2, 2, 1), random), new Tanh(), new Flatten(), Head(3 * 2 * 5 * 5)),
            "conv3dGroups" => new Sequential(new AsVolume(), new Conv3d(2, 4, new VolumeGeometry(2, 2, 3, 1, 1, 2, 2), random), new Tanh(), new Flatten(), Head(4 * 2 * 9 * 7)),
            "conv3dSame" => new Sequential(new AsVolume(), new Conv3d(2, 2, new VolumeGeometry(2, 3, 4) { KeepsSize = true }, random), new InstanceNorm(2), new Tanh(), new Flatten(), Head(2 * 2 * 81)),
            "convTransposed" => new Sequential(First(new ConvolutionGeometry(3, 3, 2)), new Tanh(), new ConvTranspose2d(4, 3, new ConvolutionGeometry(3, 2, 2, 1), random, outputPadding: 1), new Tanh(), new Flatten(), Head(3 * 8 * 7)),
            "convTransposedGroups" => new Sequential(new ConvTranspose2d(4, 6, new ConvolutionGeometry(2, 3, 1, 0, 2, 2), random), new Tanh(), new GlobalAveragePool(), Head(6)),
            "instanceNorm" => new Sequential(First(new ConvolutionGeometry(3, 3), 6), new InstanceNorm(6), new Tanh(), new Flatten(), Head(6 * 49)),
            "rmsNorm" => new Sequential(new PatchEmbedding(4, 3, 6, random), new RmsNorm(6), new Linear(6, 6, random), new RmsNorm(6), new Flatten(), Head(54)),
            "prelu" => new Sequential(First(new ConvolutionGeometry(3, 3, 2)), new PRelu(), new Flatten(), Head(64)),
            "preluChannels" => new Sequential(First(new ConvolutionGeometry(3, 3, 2)), new PRelu(4), new Flatten(), Head(64)),
            "layerScale" => new Sequential(new PatchEmbedding(4, 3, 6, random), new LayerScale(6, 0.3f), new Linear(6, 6, random), new LayerScale(6, 0.7f), new Flatten(), Head(54)),
            "embedding" => new Sequential(new AsNumbers(5), new Embedding(5, 3, random), new Flatten(), new Linear(3 * 4 * 81, 6, random), new Tanh(), Head(6)),
            "standardized" => new Sequential(new WeightStandardizedConv2d(4, 6, new ConvolutionGeometry(3, 3, 2, 1), random), new GroupNorm(2, 6), new Tanh(), new WeightStandardizedConv2d(6, 4, new ConvolutionGeometry(3, 3), random, bias: false), new Flatten(), Head(36)),
            "standardizedGroups" => new Sequential(new WeightStandardizedConv2d(4, 6, new ConvolutionGeometry(3, 2, 1, 1, 2, 2), random), new Tanh(), new GlobalAveragePool(), Head(6)),
            "standardizedOnePosition" => new Sequential(new WeightStandardizedConv2d(4, 5, new ConvolutionGeometry(9, 9), random), new Tanh(), new Flatten(), Head(5)),
            "lora" => WithAdapters(new Sequential(new Flatten(), new Linear(4 * 81, 10, random), new Tanh(), new Linear(10, 8, random), new Tanh(), Head(8)), random),
            "loraTransformer" => WithAdapters(new VisionTransformer(new VisionTransformerOptions(9, 3, 4, Classes, 8, 2, 2), random), random),
            "headOnly" or "biasOnlyTransformer" => new VisionTransformer(new VisionTransformerOptions(9, 3, 4, Classes, 8, 2, 2), random),
            "biasOnlyConvolutions" => new Sequential(
                new AsVolume(), new Conv3d(2, 4, new VolumeGeometry(2, 2, 2), random), new Tanh(), new AsSquare(8), new WeightStandardizedConv2d(4, 3, new ConvolutionGeometry(3, 3), random),
                new ConvTranspose2d(3, 2, new ConvolutionGeometry(2, 2), random), new Tanh(), new Flatten(), Head(98)),
            "reAttention" => new Sequential(new PatchEmbedding(4, 3, 6, random), new ReAttention(6, 2, random), new Flatten(), Head(54)),
            "reAttentionFirst" => new Sequential(new PatchEmbedding(4, 3, 6, random), new DeepVitBlock(6, 2, 0, random, firstTokenOnly: true), new Flatten(), Head(6)),
            "encodingFront" => new EncodingFrontNetwork(new PatchEncoder(new PatchEncoderOptions(9, 3, 4, 6, 1, Shuffles: false), random), new DeepVit(new TokenTransformerOptions(9, 6, Classes, 2, 2) { HasPositions = true }, random)),
            _ => FromCatalog(name, random, out image),
        };
        if (name == "headOnly")
        {
            TrainOnly(model, parameter => parameter.Name.StartsWith("head.", StringComparison.Ordinal));
        }

        if (name.StartsWith("lora", StringComparison.Ordinal))
        {
            TrainOnly(model, parameter => parameter.Name.Contains(".lora.", StringComparison.Ordinal) || parameter.Name.StartsWith("head.", StringComparison.Ordinal));
        }

        if (name.StartsWith("biasOnly", StringComparison.Ordinal))
        {
            TrainOnly(model, parameter => parameter.Name.EndsWith("bias", StringComparison.Ordinal));
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

    private static void TrainOnly(Layer model, Func<Parameter, bool> isTrained)
    {
        foreach (Parameter parameter in model.Parameters().Where(parameter => !parameter.IsStatistic))
        {
            parameter.IsTrainable = isTrained(parameter);
        }
    }

    // B starts as zero, which would hide wrong gradients of A.
    private static Layer WithAdapters(Layer model, SeededRandom random)
    {
        foreach (Linear linear in model.Tree().OfType<Linear>().SkipLast(1).ToArray())
        {
            linear.Attach(2, random);
            foreach (ref float value in linear.Adapter!.Parameters()[1].Value.Data<float>())
            {
                value = (float)(0.3 * random.NextGaussian());
            }
        }

        return model;
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
