using Pellicle.Audit;
using Pellicle.Training.Evaluation;
using Pellicle.Training.Runs;
using Pellicle.Viewmaker.Training;

namespace Pellicle.Reporting.Runs;

/// <summary>Everything a run folder says, read once; what is missing is null or empty and listed.</summary>
internal sealed record RunContent
{
    /// <summary>The folder as given.</summary>
    public required string Folder { get; init; }

    /// <summary>Name of the folder, links resolved.</summary>
    public required string Name { get; init; }

    /// <summary>run.json.</summary>
    public JsonFields? Run { get; init; }

    /// <summary>privacy.json.</summary>
    public JsonFields? Privacy { get; init; }

    /// <summary>ledger.jsonl; null for runs that say they are not private.</summary>
    public LedgerState? Ledger { get; init; }

    /// <summary>config.yaml without the insecure seed.</summary>
    public string? Config { get; init; }

    /// <summary>metrics.jsonl.</summary>
    public required IReadOnlyList<StepMetrics> Steps { get; init; }

    /// <summary>eval-SPLIT.json: test before validation before train.</summary>
    public required IReadOnlyList<EvalResult> Evaluations { get; init; }

    /// <summary>audit.json.</summary>
    public AuditResult? Audit { get; init; }

    /// <summary>mpc.json: the last encrypted prediction, without its images; null if none was tried.</summary>
    public JsonFields? EncryptedPrediction { get; init; }

    /// <summary>obfuscation.json: the run trained a generator of obfuscated images; null for other runs.</summary>
    public JsonFields? Obfuscation { get; init; }

    /// <summary>obfuscation-evaluation.json; null if the generator was not evaluated.</summary>
    public JsonFields? ObfuscationEvaluation { get; init; }

    /// <summary>metrics.jsonl of an obfuscation: one record a round; empty for other runs.</summary>
    public IReadOnlyList<RoundFigures> Rounds { get; init; } = [];

    /// <summary>obfuscation-release.json: the last release that was read back and attacked; null if there is none.</summary>
    public JsonFields? ObfuscationRelease { get; init; }

    /// <summary>The picture sheet of the evaluation as a data URI; null unless allowed.</summary>
    public string? ObfuscationSheet { get; init; }

    /// <summary>Small pictures of the data as data URIs; empty unless allowed.</summary>
    public IReadOnlyList<SamplePicture> Pictures { get; init; } = [];

    /// <summary>Files that a complete run would have.</summary>
    public required IReadOnlyList<string> Missing { get; init; }

    /// <summary>True if the images are procedural.</summary>
    public bool IsSynthetic => Run?.Flag("isSynthetic") ?? Run?.Object("result")?.Object("data")?.Flag("isSynthetic") ?? false;

    /// <summary>Noise from a seed: whoever knows it can take the noise away again.</summary>
    public bool HasInsecureNoise => Privacy?.Text("noiseSource") == "seededForTests";

    /// <summary>What the run promises.</summary>
    public GuaranteeKind Guarantee =>
        Privacy is null ? GuaranteeKind.Unknown
        : Privacy.Flag("private") != true ? GuaranteeKind.None
        : Ledger is not { IsValid: true } ? GuaranteeKind.Unsupported
        : HasInsecureNoise ? GuaranteeKind.InsecureNoise
        : GuaranteeKind.Holds;

    /// <summary>The evaluation that headlines: test if there is one.</summary>
    public EvalResult? Headline => Evaluations.Count > 0 ? Evaluations[0] : null;
}

/// <summary>What a run promises, as far as its folder shows.</summary>
internal enum GuaranteeKind
{
    /// <summary>A finite epsilon, supported by a ledger that verifies.</summary>
    Holds,

    /// <summary>Trained without differential privacy.</summary>
    None,

    /// <summary>A statement without a ledger that supports it.</summary>
    Unsupported,

    /// <summary>Noise from a seed.</summary>
    InsecureNoise,

    /// <summary>No privacy statement in the folder.</summary>
    Unknown,
}

/// <summary>A picture for the report.</summary>
/// <param name="Caption">Class and split; no file name.</param>
/// <param name="DataUri">PNG as a data URI.</param>
internal sealed record SamplePicture(string Caption, string DataUri);
