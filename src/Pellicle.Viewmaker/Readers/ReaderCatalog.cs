using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Models;
using Pellicle.Nn;
using Pellicle.Nn.Init;

namespace Pellicle.Viewmaker.Readers;

/// <summary>The networks that read columns from pictures: attackers and classifiers of the task.</summary>
internal static class ReaderCatalog
{
    /// <summary>Names that <see cref="Create"/> knows.</summary>
    public static IReadOnlyList<string> Names { get; } = ["cnn_plain", "cnn_small", "resnet18_gn", "vit_micro", "vit_tiny"];

    /// <summary>Builds a network with fresh weights.</summary>
    /// <param name="name">cnn_plain (convolutions without normalisation, which would hide absolute colour), vit_micro (a transformer 96 wide, 4 blocks), or a name of the model catalog.</param>
    /// <param name="options">Size, channels, number of outputs.</param>
    /// <param name="init">Source of initial values.</param>
    /// <exception cref="UsageException">Unknown name.</exception>
    public static ImageClassifier Create(string name, ModelOptions options, ISeededRandom init) => name switch
    {
        "cnn_plain" => new ImageClassifier(Spec(name, options), Plain(options, init)),
        "vit_micro" => new ImageClassifier(Spec(name, options), Micro(options, init)),
        _ when Names.Contains(name) => ModelCatalog.Create(name, options, init),
        _ => throw new UsageException($"'{name}' is no known attacker. Expected one of {string.Join(", ", Names)}.", "Choose one of them."),
    };

    private static ModelSpec Spec(string name, ModelOptions options) => new() { Name = name, ImageSize = options.ImageSize, Channels = options.Channels, Classes = options.Classes };

    private static Sequential Plain(ModelOptions options, ISeededRandom init)
    {
        var layers = new List<(string, Layer)>();
        int width = options.Channels;
        int[] widths = [24, 48, 96];
        for (int i = 0; i < widths.Length; i++)
        {
            // He et al. 2015: without normalisation the variance must be kept by the initial values.
            var weight = Initialization.Normal(init, Math.Sqrt(2.0 / (9 * width)), widths[i], width, 3, 3);
            layers.Add(($"conv{i + 1}", new Conv2d(new ConvolutionGeometry(3, 3, i == 0 && options.ImageSize < 48 ? 1 : 2, 1), weight, Initialization.Constant(0, widths[i]))));
            layers.Add(($"act{i + 1}", new Relu()));
            width = widths[i];
        }

        layers.Add(("pool", new GlobalAveragePool()));
        layers.Add(("hidden", new Linear(width, 64, init)));
        layers.Add(("act", new Relu()));
        layers.Add(("head", new Linear(64, options.Classes, init)));
        return new Sequential([.. layers]);
    }

    private static VisionTransformer Micro(ModelOptions options, ISeededRandom init)
    {
        int[] candidates = options.ImageSize >= 64 ? [8, 7, 6, 5, 4] : [4, 7, 5, 6, 3, 2];
        int patch = Array.Find(candidates, size => options.ImageSize % size == 0) is var found && found > 0 ? found : 1;
        return new VisionTransformer(new VisionTransformerOptions(options.ImageSize, options.ImageSize >= 128 && options.ImageSize % 16 == 0 ? 16 : patch, options.Channels, options.Classes, 96, 4, 3), init);
    }
}
