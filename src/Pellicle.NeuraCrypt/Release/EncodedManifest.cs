using System.Text.Json.Serialization;
using Pellicle.NeuraCrypt.Attacks;
using Pellicle.NeuraCrypt.Encoders;
using Pellicle.NeuraCrypt.Noise;
using Pellicle.Nn;

namespace Pellicle.NeuraCrypt.Release;

/// <summary><c>manifest.json</c> of a public folder. Everything in it is public.</summary>
public sealed record EncodedManifest
{
    /// <summary>Name of the file.</summary>
    public const string FileName = "manifest.json";

    /// <summary>Value of <see cref="Format"/>.</summary>
    public const string FormatName = "pellicle-encoded";

    /// <summary>Tells the folder from others.</summary>
    public string Format { get; init; } = FormatName;

    /// <summary>Version of the layout.</summary>
    public int Version { get; init; } = 1;

    /// <summary>Id of the key; not secret.</summary>
    public required string KeyId { get; init; }

    /// <summary>Images.</summary>
    public required int Count { get; init; }

    /// <summary>[patches, hidden].</summary>
    public required IReadOnlyList<int> Shape { get; init; }

    /// <summary>Number format.</summary>
    public required EncodingType Dtype { get; init; }

    /// <summary>File format.</summary>
    public required EncodingFormat Encoding { get; init; }

    /// <summary>Files with hashes.</summary>
    public required IReadOnlyList<EncodedShard> Shards { get; init; }

    /// <summary>Family of the encoder: public, so that the secrecy is in the key alone.</summary>
    public required EncoderArchitecture ArchitecturePublic { get; init; }

    /// <summary>What was done to the pictures before.</summary>
    public required EncodedPreprocessing Preprocessing { get; init; }

    /// <summary>Images by split.</summary>
    public required IReadOnlyDictionary<string, int> Splits { get; init; }

    /// <summary>Class names; empty if labels are left out.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>Where the statistics of norms came from.</summary>
    public required EncoderNormalisation Normalisation { get; init; }

    /// <summary>Order of patches.</summary>
    public required ShuffleMode PatchShuffle { get; init; }

    /// <summary>Strength by name.</summary>
    public required ReleaseMode Mode { get; init; }

    /// <summary>True if the images are procedural.</summary>
    public required bool IsSynthetic { get; init; }

    /// <summary>The quick audit, or null.</summary>
    public required EncodingAttackResult? Audit { get; init; }

    /// <summary>Who accepted the risk and why, or null.</summary>
    public required AcceptedRisk? Accepted { get; init; }

    /// <summary>Scale of int8 encodings: an NPY file with one factor for each of the hidden numbers; null for other types.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public EncodedShard? Scale { get; init; }

    /// <summary>SHA-256 of labels.csv, in hex; null in releases of earlier versions, whose labels nothing covers.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? LabelsSha256 { get; init; }

    /// <summary>Number format of the operands of products if it is not float32.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ProductPrecision? Precision { get; init; }

    /// <summary>The release was filled up to a multiple of this number with encodings of mixtures; null if not.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? PaddedTo { get; init; }

    /// <summary>Noise on every encoding and what it guarantees, of the encodings alone: labels, counts and the figures of the audit are not covered. Null without noise.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public LocalGuarantee? Noise { get; init; }

    /// <summary>Hash of the specification that several hospitals agreed on, or null.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Specification { get; init; }

    /// <summary>The honest wording.</summary>
    public string Warning { get; init; } = HonestWording.Paragraph;

    /// <summary>Over all other fields, or null.</summary>
    public ManifestSignature? Signature { get; init; }
}

/// <summary>One file of encodings.</summary>
/// <param name="File">Relative path with forward slashes.</param>
/// <param name="Sha256">Hex.</param>
/// <param name="Count">Images in it.</param>
public sealed record EncodedShard(string File, string Sha256, int Count);

/// <summary>Resize to a square, channels, then (v − mean)/std on 0..255.</summary>
/// <param name="ImageSize">Side in pixels.</param>
/// <param name="Channels">1 or 3.</param>
/// <param name="Mean">On 0..255.</param>
/// <param name="Std">On 0..255.</param>
public sealed record EncodedPreprocessing(int ImageSize, int Channels, double Mean, double Std);

/// <summary>Acceptance of the re-identification risk.</summary>
/// <param name="Reason">As given.</param>
/// <param name="Date">When.</param>
public sealed record AcceptedRisk(string Reason, DateTimeOffset Date);

/// <summary>ECDSA over P-256 with SHA-256.</summary>
/// <param name="Algorithm">"ecdsa-p256-sha256".</param>
/// <param name="PublicKey">SubjectPublicKeyInfo, base64.</param>
/// <param name="Value">Signature, base64.</param>
public sealed record ManifestSignature(string Algorithm, string PublicKey, string Value);

/// <summary>Modes of a release; none has a guarantee, the insecure ones not even obfuscation worth the name.</summary>
public enum ReleaseMode
{
    /// <summary>Frozen or no norms, shuffled.</summary>
    Default,

    /// <summary>Norms of the batch, as the reference.</summary>
    Compat,

    /// <summary>The linear control.</summary>
    InsecureLinear,

    /// <summary>Depth 0.</summary>
    InsecureDepth0,

    /// <summary>Patches in order.</summary>
    InsecureNoShuffle,
}
