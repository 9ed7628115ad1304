using Pellicle.Core.Errors;
using Pellicle.Data.Encodings;
using Pellicle.Models;
using Pellicle.Training.Configuration;

namespace Pellicle.Training.Steps;

/// <summary>Sizes of a network on encodings: from the data, or from the trained encoder of the plain baseline.</summary>
internal static class EncodedModel
{
    /// <summary>Numbers of the reference: (v − 43.9)/63.2 on 0..255, the same preprocessing as encoders have.</summary>
    public const double Mean = 43.9 / 255;

    /// <summary>See <see cref="Mean"/>.</summary>
    public const double Std = 63.2 / 255;

    /// <summary>Side of the pictures in front of a trained encoder if the user names none.</summary>
    public const int ImageSize = 256;

    /// <summary>The sizes; null for networks on pictures.</summary>
    /// <param name="model">Settings.</param>
    /// <param name="layout">Of the data; null for pictures.</param>
    /// <param name="imageSize">Side of the pictures.</param>
    /// <param name="usesSources">A learned token for each source.</param>
    /// <exception cref="UsageException">A network on pictures meets encodings, or the other way round.</exception>
    public static TokenSpec? SizesOf(ModelSection model, EncodingLayout? layout, int imageSize, bool usesSources)
    {
        if (!ModelCatalog.IsOnEncodings(model.Name))
        {
            return layout is null
                ? null
                : throw new UsageException($"--model {model.Name} works on pictures, and the data are encodings.", "Use --model vit_encoded (small and fast) or deepvit_encoded (as the reference).");
        }

        bool isDeepVit = model.Name == "deepvit_encoded";
        int layers = model.NumLayers ?? (isDeepVit ? 3 : 2);
        int heads = model.NumHeads ?? 8;
        if (layout is not null)
        {
            return model.EncodeTrainable
                ? throw new UsageException("--encode-trainable trains an encoder in front of pictures, and the data are encodings.", "Leave it out, or give pictures.")
                : new TokenSpec(layout.Tokens, layout.Width, layers, heads)
                {
                    Sources = usesSources ? layout.Sources.Count : 0,
                    HasPositions = model.TokenPositions || layout.IsLinear,
                    Dropout = model.Dropout,
                };
        }

        if (!model.EncodeTrainable)
        {
            return null; // the catalogue tells what is missing
        }

        int side = imageSize / model.EncoderPatch;
        return new TokenSpec(side * side, model.EncoderHidden, layers, heads)
        {
            HasPositions = model.TokenPositions,
            Dropout = model.Dropout,
            EncoderDepth = model.EncoderDepth,
            EncoderShuffles = model.EncoderShuffle,
        };
    }
}
