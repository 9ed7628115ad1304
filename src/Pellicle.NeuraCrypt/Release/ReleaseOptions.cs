using System.Diagnostics.CodeAnalysis;
using Pellicle.Data;
using Pellicle.NeuraCrypt.Noise;
using Pellicle.Nn;

namespace Pellicle.NeuraCrypt.Release;

/// <summary>File format of encodings.</summary>
public enum EncodingFormat
{
    /// <summary>Shards of about 1 GB, one tensor an image.</summary>
    Safetensors,

    /// <summary>One NPY file an image (version 1.0, f4, C order), as the reference.</summary>
    Npy,
}

/// <summary>Number format of encodings.</summary>
public enum EncodingType
{
    /// <summary>Single precision.</summary>
    F32,

    /// <summary>Half precision.</summary>
    F16,

    /// <summary>The upper half of single precision.</summary>
    Bf16,

    /// <summary>Eight bits, with one scale for each of the hidden numbers.</summary>
    [SuppressMessage("Naming", "CA1720", Justification = "The name in option and manifest.")]
    Int8,
}

/// <summary>Order of the patches of an image.</summary>
public enum ShuffleMode
{
    /// <summary>A new order for each image, then forgotten.</summary>
    Fresh,

    /// <summary>From key and image id: repeatable.</summary>
    Keyed,

    /// <summary>As in the picture.</summary>
    None,
}

/// <summary>What happens to the labels.</summary>
public enum LabelMode
{
    /// <summary>In labels.csv, readable by all.</summary>
    Publish,

    /// <summary>Classes joined into larger groups.</summary>
    Coarse,

    /// <summary>Left out.</summary>
    Omit,
}

/// <summary>How hard the gate attacks a release before anything is written.</summary>
public enum AuditLevel
{
    /// <summary>Both controls and the attack without training: at most minutes.</summary>
    Quick,

    /// <summary>Also the attacks that train networks and need no pair: the published break, a contrastive matcher, the attack on the distribution. Hours at the usual sizes.</summary>
    Full,

    /// <summary>None; the risk must be accepted.</summary>
    Off,
}

/// <summary>A release: what, with which key, where to.</summary>
public sealed record EncodeRequest
{
    /// <summary>Images.</summary>
    public required string Source { get; init; }

    /// <summary>How to read them.</summary>
    public required DatasetOptions Options { get; init; }

    /// <summary>Takes part of the source; null takes all.</summary>
    public Func<ImageRecord, bool>? Include { get; init; }

    /// <summary>Key file.</summary>
    public required string KeyFile { get; init; }

    /// <summary>Folder to publish.</summary>
    public required string PublicFolder { get; init; }

    /// <summary>Folder to keep.</summary>
    public required string SecretFolder { get; init; }

    /// <summary>File format.</summary>
    public EncodingFormat Format { get; init; }

    /// <summary>Number format.</summary>
    public EncodingType Type { get; init; }

    /// <summary>Number format of the operands of products.</summary>
    public ProductPrecision Precision { get; init; }

    /// <summary>Images encoded at once, at least 1; decides the encodings in batch mode only.</summary>
    public int Batch { get; init; } = 32;

    /// <summary>Order of patches.</summary>
    public ShuffleMode Shuffle { get; init; }

    /// <summary>Labels.</summary>
    public LabelMode Labels { get; init; }

    /// <summary>Groups of classes for <see cref="LabelMode.Coarse"/>: name of the group, classes in it; each class is in one.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> CoarseLabels { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Fill the release up to a multiple of this number with encodings of mixtures of two training pictures of one class; 0 does not.</summary>
    public int PadCount { get; init; }

    /// <summary>How hard the gate attacks.</summary>
    public AuditLevel Audit { get; init; }

    /// <summary>Further candidate pictures of the audit's attacker, or null.</summary>
    public string? Gallery { get; init; }

    /// <summary>Local differential privacy of each released encoding, or null for none.</summary>
    public NoiseRequest? Noise { get; init; }

    /// <summary>Reason for publishing all the same, or null.</summary>
    public string? AcceptedReason { get; init; }

    /// <summary>PEM file of an ECDSA P-256 key that signs the manifest, or null.</summary>
    public string? SigningKey { get; init; }

    /// <summary>Threads that decode.</summary>
    public int Threads { get; init; } = 2;
}
