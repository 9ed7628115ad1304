using System.Text.Json.Serialization;
using Pellicle.Core.Errors;
using Pellicle.NeuraCrypt.Attacks;
using Pellicle.NeuraCrypt.Encoders;
using Pellicle.NeuraCrypt.Noise;

namespace Pellicle.NeuraCrypt.Release;

/// <summary>What <c>encode run</c> tells.</summary>
public sealed record EncodeResult
{
    /// <summary>Id of the key.</summary>
    public required string KeyId { get; init; }

    /// <summary>What may be published, if accepted.</summary>
    public required string PublicDir { get; init; }

    /// <summary>What must not.</summary>
    public required string SecretDir { get; init; }

    /// <summary>Images encoded; 0 if refused.</summary>
    public required int Images { get; init; }

    /// <summary>Encodings of mixtures that fill the release up (<c>--pad-count</c>).</summary>
    public int Padding { get; init; }

    /// <summary>Pictures that could not be read.</summary>
    public required IReadOnlyList<SkippedImage> Skipped { get; init; }

    /// <summary>File format.</summary>
    public required EncodingFormat Format { get; init; }

    /// <summary>Number format.</summary>
    public required EncodingType Dtype { get; init; }

    /// <summary>[patches, hidden].</summary>
    public required IReadOnlyList<int> Shape { get; init; }

    /// <summary>Files.</summary>
    public required int Shards { get; init; }

    /// <summary>Of all files of encodings.</summary>
    public required long Bytes { get; init; }

    /// <summary>Of one image.</summary>
    public required long BytesPerImage { get; init; }

    /// <summary>Where statistics came from.</summary>
    public required EncoderNormalisation Normalisation { get; init; }

    /// <summary>Order of patches.</summary>
    public required ShuffleMode PatchShuffle { get; init; }

    /// <summary>Strength by name.</summary>
    public required ReleaseMode Mode { get; init; }

    /// <summary>Wall-clock.</summary>
    public required double SecondsTotal { get; init; }

    /// <summary>Of encoding and writing; 0 if refused.</summary>
    public required double ImagesPerSecond { get; init; }

    /// <summary>Path of the manifest, or null if refused.</summary>
    public required string? Manifest { get; init; }

    /// <summary>The quick audit, or null.</summary>
    public required EncodingAttackResult? Audit { get; init; }

    /// <summary>Noise on every encoding and what it guarantees; null without.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public LocalGuarantee? Noise { get; init; }

    /// <summary>True if the risk was accepted with a reason.</summary>
    public required bool Accepted { get; init; }

    /// <summary>The honest wording.</summary>
    public string Warning { get; init; } = HonestWording.Paragraph;

    /// <summary>Set if nothing was published.</summary>
    [JsonIgnore]
    public PrivacyRefusedException? Refusal { get; init; }
}
