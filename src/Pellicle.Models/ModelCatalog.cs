using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Nn;

namespace Pellicle.Models;

/// <summary>The networks that can be chosen by name.</summary>
public static class ModelCatalog
{
    private static readonly Dictionary<string, Func<string, ModelOptions, ISeededRandom, ImageClassifier>> Builders = new()
    {
        ["cnn_mnist"] = (name, options, init) => Plain(name, options, new CnnMnist(options.ImageSize, options.Channels, options.Classes, init)),
        ["cnn_small"] = (name, options, init) => Plain(name, options, new CnnSmall(options.Channels, options.Classes, init)),
        ["scatter_linear"] = (name, options, _) => Scattering(name, options, ScatterNetwork.Linear),
        ["scatter_cnn"] = (name, options, init) => Scattering(name, options, spec => ScatterNetwork.Convolutional(spec, init)),
        ["texture_linear"] = (name, options, init) => Scattering(name, options, spec => new TextureNetwork(spec, init), TextureNetwork.DefaultScales),
        ["resnet18"] = (name, options, init) => Residual(name, options, ResidualParts.BatchNorm, init),
        ["resnet18_gn"] = (name, options, init) => Residual(name, options, ResidualParts.GroupNorm(ResNet18.NormGroups), init),
        ["resnet18_gn_ws"] = (name, options, init) => Residual(name, options, ResidualParts.StandardizedGroupNorm(ResNet18.NormGroups), init),
        ["skin_fast"] = (name, options, init) => Plain(name, options, SkinNetwork.Fast(options, init)),
        ["skin_vgg"] = (name, options, init) => Plain(name, options, SkinNetwork.Vgg(options, init)),
        ["vit_tiny"] = (name, options, init) => Transformer(name, options, 192, 12, 3, init),
        ["vit_small"] = (name, options, init) => Transformer(name, options, 384, 12, 6, init),
        ["vit_base"] = (name, options, init) => Transformer(name, options, 768, 12, 12, init),
        ["deepvit_encoded"] = (name, options, init) => Encoded(name, options, tokens => new DeepVit(tokens, init), init),
        ["vit_encoded"] = (name, options, init) => Encoded(name, options, tokens => new EncodedVit(tokens, init), init),
    };

    /// <summary>The names, in the order of documentation.</summary>
    public static IReadOnlyCollection<string> Names => Builders.Keys;

    /// <summary>True for the networks that have scales and directions of wavelets.</summary>
    /// <param name="name">Any name.</param>
    public static bool HasScattering(string name) => name is "scatter_linear" or "scatter_cnn" or "texture_linear";

    /// <summary>True for the networks that work on encodings.</summary>
    /// <param name="name">Any name.</param>
    public static bool IsOnEncodings(string name) => name is "deepvit_encoded" or "vit_encoded";

    /// <summary>Builds a network with fresh initial values.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="options">What the data decide.</param>
    /// <param name="init">Source of initial values.</param>
    /// <exception cref="UsageException">Unknown name, or sizes the network cannot work with.</exception>
    public static ImageClassifier Create(string name, ModelOptions options, ISeededRandom init)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(init);
        if (!Builders.TryGetValue(name, out Func<string, ModelOptions, ISeededRandom, ImageClassifier>? build))
        {
            throw new UsageException($"--model is '{name}', which is no known network. Expected one of {string.Join(", ", Names)}.", "Choose one of them.");
        }

        if (options.ImageSize < 1 || options.Channels < 1 || options.Classes < 2)
        {
            throw new UsageException(
                $"Model '{name}' cannot have image size {options.ImageSize}, {options.Channels} channels and {options.Classes} classes. Expected positive sizes and at least 2 classes.",
                "Check the data source: does it have at least two labels?");
        }

        return build(name, options, init);
    }

    /// <summary>Builds the network of a saved description, with fresh initial values.</summary>
    /// <param name="spec">As in <see cref="ImageClassifier.Spec"/>.</param>
    /// <param name="init">Source of initial values.</param>
    public static ImageClassifier Create(ModelSpec spec, ISeededRandom init)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return Create(spec.Name, new ModelOptions(spec.ImageSize, spec.Channels, spec.Classes) { PatchSize = spec.PatchSize, ScatteringScales = spec.ScatteringScales, ScatteringAngles = spec.ScatteringAngles, Tokens = spec.Tokens }, init);
    }

    private static ImageClassifier Plain(string name, ModelOptions options, Layer root) =>
        new(new ModelSpec { Name = name, ImageSize = options.ImageSize, Channels = options.Channels, Classes = options.Classes }, root);

    private static ImageClassifier Scattering(string name, ModelOptions options, Func<ModelSpec, Layer> build, int scales = ScatterNetwork.DefaultScales)
    {
        var spec = new ModelSpec
        {
            Name = name,
            ImageSize = options.ImageSize,
            Channels = options.Channels,
            Classes = options.Classes,
            ScatteringScales = options.ScatteringScales ?? scales,
            ScatteringAngles = options.ScatteringAngles ?? ScatterNetwork.DefaultAngles,
        };
        return new ImageClassifier(spec, build(spec));
    }

    private static ImageClassifier Residual(string name, ModelOptions options, ResidualParts parts, ISeededRandom init) =>
        Plain(name, options, new ResNet18(name, options.Channels, options.Classes, parts, init));

    private static ImageClassifier Transformer(string name, ModelOptions options, int width, int depth, int heads, ISeededRandom init)
    {
        int patch = options.PatchSize ?? DefaultPatch(options.ImageSize);
        if (patch < 1 || options.ImageSize % patch != 0)
        {
            throw new UsageException(
                $"--image-size is {options.ImageSize}, which is no multiple of the patch size {patch} of {name}.",
                $"Use an image size that is a multiple of {patch}, such as {(options.ImageSize / patch * patch) + patch}.");
        }

        var spec = new ModelSpec { Name = name, ImageSize = options.ImageSize, Channels = options.Channels, Classes = options.Classes, PatchSize = patch };
        return new ImageClassifier(spec, new VisionTransformer(new VisionTransformerOptions(options.ImageSize, patch, options.Channels, options.Classes, width, depth, heads), init));
    }

    private static ImageClassifier Encoded(string name, ModelOptions options, Func<TokenTransformerOptions, TokenTransformer> build, ISeededRandom init)
    {
        TokenSpec tokens = options.Tokens ?? throw new UsageException(
            $"--model {name} works on encodings, and the data are pictures.",
            "Give --data encoded:PUBLIC, or --encode-with KEY to encode on the fly, or --encode-trainable for the plain baseline.");
        if (name == "vit_encoded" && EncodedVit.Width % tokens.NumHeads != 0)
        {
            throw new UsageException($"--num-heads is {tokens.NumHeads}, which does not divide the width {EncodedVit.Width} of {name}.", "Use 1, 2, 4, 8 or 16.");
        }

        TokenTransformer transformer = build(new TokenTransformerOptions(tokens.Count, tokens.Width, options.Classes, tokens.NumLayers, tokens.NumHeads)
        {
            Sources = tokens.Sources,
            HasPositions = tokens.HasPositions,
            Dropout = tokens.Dropout,
        });
        var spec = new ModelSpec { Name = name, ImageSize = options.ImageSize, Channels = options.Channels, Classes = options.Classes, PatchSize = options.PatchSize, Tokens = tokens };
        return new ImageClassifier(spec, tokens.EncoderDepth is { } depth ? new EncodingFrontNetwork(Front(spec, tokens, depth, init), transformer) : transformer);
    }

    private static PatchEncoder Front(ModelSpec spec, TokenSpec tokens, int depth, ISeededRandom init)
    {
        int patch = spec.PatchSize ?? 16;
        return spec.ImageSize % patch == 0
            ? new PatchEncoder(new PatchEncoderOptions(spec.ImageSize, patch, spec.Channels, tokens.Width, depth, tokens.EncoderShuffles), init)
            : throw new UsageException($"--image-size is {spec.ImageSize}, which is no multiple of the patch size {patch}.", $"Use an image size such as {((spec.ImageSize / patch) + 1) * patch}, or another --encoder-patch.");
    }

    // Patch 16 on small images would leave a handful of tokens: aim at 8 to 16 patches a side, as 224/16 = 14 has.
    private static int DefaultPatch(int imageSize)
    {
        if (imageSize >= 128)
        {
            return 16;
        }

        int[] candidates = imageSize >= 64 ? [8, 7, 6, 5, 4] : [4, 7, 5, 6, 3, 2];
        return Array.Find(candidates, patch => imageSize % patch == 0) is var found && found > 0 ? found : 1;
    }
}
