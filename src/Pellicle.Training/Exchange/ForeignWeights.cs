using System.Text.Json;
using Pellicle.Core.Errors;
using Pellicle.Formats.Json;
using Pellicle.Formats.Safetensors;
using Pellicle.Models;

namespace Pellicle.Training.Exchange;

/// <summary>Reads off weight files of other programs which sizes their network has.</summary>
internal static class ForeignWeights
{
    private const int UsualImageSize = 224;

    private static readonly string[] Heads = ["head.weight", "heads.head.weight", "fc.weight", "fc2.weight"];
    private static readonly string[] Stems = ["conv1.weight", "patch_embed.proj.weight", "conv_proj.weight", "features.conv1.weight"];
    private static readonly string[] Positions = ["pos_embed", "encoder.pos_embedding"];

    /// <summary>Refuses files that are no safetensors by their name, with the way to convert them.</summary>
    public static string Require(string path) =>
        Path.GetExtension(path).ToLowerInvariant() is ".pth" or ".pt" or ".bin" or ".pkl" or ".ckpt"
            ? throw new DataFormatException(
                $"'{path}' is a pickle, which can run code when it is loaded; Pellicle reads safetensors and ONNX.",
                "Convert it in Python: from safetensors.torch import save_file; save_file(torch.load('model.pth', weights_only=True), 'model.safetensors')")
            : path;

    /// <summary>The network that a file written by Pellicle names in its header, or null.</summary>
    public static ModelSpec? OwnSpec(SafetensorsFile file)
    {
        try
        {
            return file.Metadata.TryGetValue("pellicle.spec", out string? text) ? JsonSerializer.Deserialize<ModelSpec>(text, PellicleJson.Line) : null;
        }
        catch (JsonException e)
        {
            throw new DataFormatException($"'{file.Name}': 'pellicle.spec' in its header cannot be read: {e.Message}", "Name the network with --as.", inner: e);
        }
    }

    /// <summary>Sizes of a named network, from the shapes of its first and last layer and of its table of positions.</summary>
    /// <param name="file">The weights.</param>
    /// <param name="network">Catalog name.</param>
    /// <param name="imageSize">Side of the input; null takes the file's own, or 224.</param>
    /// <exception cref="DataFormatException">The file has neither stem nor head of a network we know.</exception>
    public static ModelSpec Guess(SafetensorsFile file, string network, int? imageSize)
    {
        SafetensorsEntry? head = First(file, Heads);
        SafetensorsEntry? stem = First(file, Stems);
        if (head is null || stem is null || stem.Shape.Length != 4 || head.Shape[0] is < 2 or > 1_000_000 || stem.Shape[1] is < 1 or > 1024)
        {
            throw new DataFormatException(
                $"'{file.Name}' has no tensor that tells classes ({string.Join(", ", Heads)}) or channels ({string.Join(", ", Stems)}).",
                "Give weights with timm's or torchvision's names.");
        }

        bool isTransformer = network.StartsWith("vit", StringComparison.Ordinal);
        int? patch = isTransformer ? (int)stem.Shape[3] : null;
        SafetensorsEntry? positions = isTransformer ? First(file, Positions) : null;
        int own = positions is null ? UsualImageSize : (int)Math.Round(Math.Sqrt(positions.Shape[1] - 1)) * patch!.Value;
        return new ModelSpec
        {
            Name = network,
            ImageSize = imageSize ?? (network == "cnn_mnist" ? 28 : own),
            Channels = (int)stem.Shape[1],
            Classes = (int)head.Shape[0],
            PatchSize = patch,
        };
    }

    private static SafetensorsEntry? First(SafetensorsFile file, string[] names) =>
        Array.Find(names, file.Entries.ContainsKey) is { } name && file.Entries[name] is { Shape.Length: >= 2 } entry ? entry : null;
}
