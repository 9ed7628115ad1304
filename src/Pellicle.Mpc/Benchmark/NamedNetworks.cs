using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Mpc.Compiler;

namespace Pellicle.Mpc.Benchmark;

/// <summary>Networks that publications on secure inference compare with, and networks for skin images. The letters differ between papers: look at the layers.</summary>
public static class NamedNetworks
{
    private static readonly Dictionary<string, (string Layers, (int Channels, int Height, int Width) Input, Action<NetworkBuilder> Build)> Table = new()
    {
        ["a"] = ("784-128-128-10, ReLU (SecureML)", (784, 1, 1), b => b.Dense(128).Relu().Dense(128).Relu().Dense(10)),
        ["b"] = ("28x28: conv 16@5x5, max pool 2, ReLU, conv 16@5x5, max pool 2, ReLU, 100, ReLU, 10 (MiniONN)", (1, 28, 28), b => Digits(b, 16, 16, 100)),
        ["c"] = ("28x28: conv 20@5x5, max pool 2, ReLU, conv 50@5x5, max pool 2, ReLU, 500, ReLU, 10 (LeNet)", (1, 28, 28), b => Digits(b, 20, 50, 500)),
        ["lenet"] = ("the same as c", (1, 28, 28), b => Digits(b, 20, 50, 500)),
        ["d"] = ("28x28: conv 5@5x5 stride 2 padding 2, ReLU, 100, ReLU, 10 (Chameleon)", (1, 28, 28), b => b.Convolution(5, 5, 2, 2).Relu().Dense(100).Relu().Dense(10)),
        ["alexnet_cifar"] = ("33x33x3: conv 96@11x11 stride 4 padding 9, max pool 3/2, ReLU; conv 256@5x5 padding 1, max pool 3/2, ReLU; conv 3x3 384, 384, 256, ReLU each; 256, 256, 10", (3, 33, 33), AlexNet),
        ["skin_vgg"] = ("200x200x3: 13 conv 3x3 of 64 to 512 channels, ReLU each, five mean pools, 2", (3, 200, 200), SkinVgg),
        ["skin_fast"] = ("200x200x3: conv 3x3 stride 2: 32, 32, 64, 64, 128, ReLU each; 64, ReLU; 2", (3, 200, 200), SkinFast),
        ["resnet18"] = ("224x224x3, residual blocks 2, 2, 2, 2 (He et al. 2016), batch normalisation folded; 1,000", (3, 224, 224), ResNet18),
        ["vit_tiny"] = ("224x224x3: patches of 16, 12 blocks of width 192 with 3 heads, GELU, layer normalisation, softmax (Dosovitskiy et al. 2021); 1,000", (3, 224, 224), b => new TransformerBuilder(b, 192, 3, 4).Build(patch: 16, blocks: 12, classes: 1000)),
    };

    /// <summary>Names of the networks.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Table.Keys];

    /// <summary>The layers in words.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    public static string LayersOf(string name) => Find(name).Layers;

    /// <summary>Channels, rows, columns of the input.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    public static (int Channels, int Height, int Width) InputOf(string name) => Find(name).Input;

    /// <summary>Builds a network with random weights.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="random">Draws the weights; cost does not depend on them.</param>
    /// <exception cref="UsageException">Another name.</exception>
    public static Network Create(string name, ISeededRandom random)
    {
        (_, (int Channels, int Height, int Width) input, Action<NetworkBuilder> build) = Find(name);
        var builder = new NetworkBuilder(input, random);
        build(builder);
        return builder.Build();
    }

    private static (string Layers, (int Channels, int Height, int Width) Input, Action<NetworkBuilder> Build) Find(string name) =>
        Table.TryGetValue(name, out var found) ? found : throw new UsageException($"there is no network '{name}'; expected {string.Join(", ", Names)}.", "Choose one of them.");

    private static void Digits(NetworkBuilder b, int first, int second, int hidden) =>
        b.Convolution(first, 5).Pool(true, 2, 2).Relu().Convolution(second, 5).Pool(true, 2, 2).Relu().Dense(hidden).Relu().Dense(10);

    private static void AlexNet(NetworkBuilder b) => b
        .Convolution(96, 11, 4, 9).Pool(true, 3, 2).Relu()
        .Convolution(256, 5, 1, 1).Pool(true, 3, 2).Relu()
        .Convolution(384, 3, 1, 1).Relu().Convolution(384, 3, 1, 1).Relu().Convolution(256, 3, 1, 1).Relu()
        .Dense(256).Relu().Dense(256).Relu().Dense(10);

    private static void SkinVgg(NetworkBuilder b)
    {
        foreach ((int channels, int layers) in new[] { (64, 2), (128, 2), (256, 3), (512, 3), (512, 3) })
        {
            for (int i = 0; i < layers; i++)
            {
                b.Convolution(channels, 3, 1, 1).Relu();
            }

            b.Pool(false, 2, 2);
        }

        b.Dense(2);
    }

    private static void SkinFast(NetworkBuilder b)
    {
        foreach (int channels in new[] { 32, 32, 64, 64, 128 })
        {
            b.Convolution(channels, 3, 2, 1).Relu();
        }

        b.Dense(64).Relu().Dense(2);
    }

    private static void ResNet18(NetworkBuilder b)
    {
        b.Convolution(64, 7, 2, 3).Pool(true, 3, 2, 1).Relu();
        foreach ((int channels, int stride) in new[] { (64, 1), (128, 2), (256, 2), (512, 2) })
        {
            Residual(b, channels, stride);
            Residual(b, channels, 1);
        }

        b.GlobalAverage().Dense(1000);
    }

    private static void Residual(NetworkBuilder b, int channels, int stride)
    {
        (int start, (int Channels, int Height, int Width) shape) = (b.Last, b.Shape);
        b.Convolution(channels, 3, stride, 1).Relu().Convolution(channels, 3, 1, 1);
        (int end, (int Channels, int Height, int Width) after) = (b.Last, b.Shape);
        int shortcut = start;
        if (stride != 1 || shape.Channels != channels)
        {
            shortcut = b.From(start, shape).Convolution(channels, 1, stride).Last;
        }

        b.From(end, after).AddTo(shortcut).Relu();
    }
}
