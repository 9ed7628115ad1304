using Pellicle.Core.Errors;
using Pellicle.Data;
using Pellicle.Models;

namespace Pellicle.Training.Runs;

/// <summary>Content of <c>model/metadata.json</c>: all that is needed to load the weights and feed them an image.</summary>
public sealed record ModelMetadata
{
    /// <summary>How to build the network.</summary>
    public required ModelSpec Spec { get; init; }

    /// <summary>Class names in the order of the outputs.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>Subtracted from pixel values in 0..1, per channel. Public constants.</summary>
    public required IReadOnlyList<float> Mean { get; init; }

    /// <summary>Divides after the subtraction, per channel. Public constants.</summary>
    public required IReadOnlyList<float> Std { get; init; }

    /// <summary>Window of DICOM images: auto, full, or CENTRE,WIDTH.</summary>
    public string Window { get; init; } = "auto";

    /// <summary>Number of values, trained and frozen.</summary>
    public required long Parameters { get; init; }

    /// <summary>SHA-256 of the weight file, hexadecimal.</summary>
    public required string WeightsSha256 { get; init; }

    /// <summary>True if trained with differential privacy; the figures are in the run's privacy.json.</summary>
    public required bool IsPrivate { get; init; }

    /// <summary>True if trained on procedural images.</summary>
    public required bool IsSynthetic { get; init; }

    /// <summary>Decay of the moving average that these weights are; null for the weights of the last step.</summary>
    public double? EmaDecay { get; init; }

    /// <summary>What the model may be used for.</summary>
    public string Use { get; init; } = "research use, not a medical device";

    /// <summary>How to turn a picture into the model's input.</summary>
    /// <returns>Size, channels and public constants.</returns>
    /// <exception cref="UsageException">The model takes encodings.</exception>
    public ImageTransform ToTransform() => Mean.Count == 0
        ? throw new UsageException($"the model ({Spec.Name}) takes encodings, not pictures.", "Encode pictures with the key ('encode run'), or train with --encode-with.")
        : new(Spec.ImageSize, Spec.Channels, [.. Mean], [.. Std]);
}
