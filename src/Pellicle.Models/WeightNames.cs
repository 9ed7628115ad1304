using System.Text.RegularExpressions;

namespace Pellicle.Models;

/// <summary>Maps names of weight files to ours: timm's for vision transformers, torchvision's for ResNets.</summary>
internal static partial class WeightNames
{
    private static readonly (string From, string To)[] TransformerParts =
    [
        ("ln_1.", "norm1."),
        ("ln_2.", "norm2."),
        ("self_attention.in_proj_", "attn.qkv."),
        ("self_attention.out_proj.", "attn.proj."),
        ("mlp.linear_1.", "mlp.fc1."),
        ("mlp.linear_2.", "mlp.fc2."),
        ("mlp.0.", "mlp.fc1."),
        ("mlp.3.", "mlp.fc2."),
    ];

    private static readonly (string From, string To)[] TransformerEnds =
    [
        ("class_token", "cls_token"),
        ("conv_proj.", "patch_embed.proj."),
        ("encoder.pos_embedding", "pos_embed"),
        ("encoder.ln.", "norm."),
        ("heads.head.", "head."),
    ];

    /// <summary>True if the names are those of torchvision's vision transformers.</summary>
    public static bool IsTorchvisionTransformer(IEnumerable<string> names) => names.Contains("class_token");

    /// <summary>Our name of a tensor in a torchvision vision transformer.</summary>
    /// <param name="name">Such as "encoder.layers.encoder_layer_0.ln_1.weight".</param>
    public static string FromTorchvisionTransformer(string name)
    {
        Match block = BlockName().Match(name);
        if (block.Success)
        {
            string rest = block.Groups[2].Value;
            foreach ((string from, string to) in TransformerParts)
            {
                if (rest.StartsWith(from, StringComparison.Ordinal))
                {
                    rest = to + rest[from.Length..];
                    break;
                }
            }

            return $"blocks.{block.Groups[1].Value}.{rest}";
        }

        foreach ((string from, string to) in TransformerEnds)
        {
            if (name.StartsWith(from, StringComparison.Ordinal))
            {
                return to + name[from.Length..];
            }
        }

        return name;
    }

    [GeneratedRegex(@"^encoder\.layers\.encoder_layer_(\d+)\.(.+)$")]
    private static partial Regex BlockName();
}
