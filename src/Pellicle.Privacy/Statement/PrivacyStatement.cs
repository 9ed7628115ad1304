namespace Pellicle.Privacy.Statement;

/// <summary>What a run guarantees, with everything that an epsilon needs beside it: the content of <c>privacy.json</c>.</summary>
/// <remarks>Field for field the object "Privacy" of the product specification. An infinite epsilon is <see cref="Private"/> false and <see cref="Epsilon"/> null.</remarks>
public sealed record PrivacyStatement
{
    /// <summary>True if a finite epsilon holds.</summary>
    public required bool Private { get; init; }

    /// <summary>"dpSgd", or "none" for a run without privacy.</summary>
    public required string Mechanism { get; init; }

    /// <summary>Upper bound; null if infinite. With the accountant gdp (plans only) an approximation.</summary>
    public double? Epsilon { get; init; }

    /// <summary>Lower bound on the true epsilon, or null.</summary>
    public double? EpsilonLower { get; init; }

    /// <summary>The delta that belongs to epsilon; null without privacy.</summary>
    public double? Delta { get; init; }

    /// <summary>"rdp", "prv" or "gdp"; null without privacy.</summary>
    public string? Accountant { get; init; }

    /// <summary>Method and accuracy.</summary>
    public string? AccountantVersion { get; init; }

    /// <summary>Order that gave epsilon, for the rdp accountant; otherwise null.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public double? BestOrder { get; init; }

    /// <summary>"addOrRemoveOne", "replaceOne" or "zeroOutOne".</summary>
    public string? NeighbouringRelation { get; init; }

    /// <summary>"image" or "patient".</summary>
    public string? Unit { get; init; }

    /// <summary>Number of units.</summary>
    public long? N { get; init; }

    /// <summary>True if n is a public constant.</summary>
    public bool? NIsPublic { get; init; }

    /// <summary>Most images of one unit in one step.</summary>
    public int? MaxImagesPerUnit { get; init; }

    /// <summary>"poisson", "fixedSize", "shuffled" or "fullBatch".</summary>
    public string? Sampling { get; init; }

    /// <summary>q.</summary>
    public double? SampleRate { get; init; }

    /// <summary>L.</summary>
    public long? ExpectedBatchSize { get; init; }

    /// <summary>Steps of this run.</summary>
    public required long Steps { get; init; }

    /// <summary>Noise multiplier of this run's first phase.</summary>
    public double? NoiseMultiplier { get; init; }

    /// <summary>Every composed phase, those spent by earlier runs first.</summary>
    public IReadOnlyList<StatementPhase> Phases { get; init; } = [];

    /// <summary>C.</summary>
    public double? MaxGradNorm { get; init; }

    /// <summary>"flat", "perLayer", "automatic" or "adaptive".</summary>
    public string? Clipping { get; init; }

    /// <summary>Operands of matrix products: "float32" or "bfloat16".</summary>
    public string? Precision { get; init; }

    /// <summary>"secure" or "seededForTests".</summary>
    public string? NoiseSource { get; init; }

    /// <summary>Public divisor of the noised sum.</summary>
    public double? AveragingDivisor { get; init; }

    /// <summary>Views of an image averaged inside its gradient.</summary>
    public int? AugmentMultiplicity { get; init; }

    /// <summary>Largest Gaussian-DP parameter consistent with <see cref="Curve"/>, or null.</summary>
    public double? Mu { get; init; }

    /// <summary>Epsilon at the deltas 1e-3 … 1e-9.</summary>
    public IReadOnlyList<CurvePoint> Curve { get; init; } = [];

    /// <summary>The same history judged by each accountant.</summary>
    public ByAccountant ByAccountant { get; init; } = new(null, null, null);

    /// <summary>Where initial weights come from, or null for random ones.</summary>
    public StatementPretraining? Pretraining { get; init; }

    /// <summary>Always false: choosing settings by looking at private data is not accounted for.</summary>
    public bool CoversTuning { get; init; }

    /// <summary>What the guarantee does not cover.</summary>
    public IReadOnlyList<string> NotCovered { get; init; } = [];

    /// <summary>"finalModel" or "allCheckpoints".</summary>
    public string? Release { get; init; }

    /// <summary>Hash of the last ledger line, or null if there is no ledger (plans, runs without privacy).</summary>
    public string? LedgerHash { get; init; }

    /// <summary>All of this in one paragraph.</summary>
    public required string Statement { get; init; }
}

/// <summary>A composed phase.</summary>
/// <param name="SampleRate">q.</param>
/// <param name="NoiseMultiplier">Noise divided by the clipping bound.</param>
/// <param name="Steps">How many events.</param>
public sealed record StatementPhase(double SampleRate, double NoiseMultiplier, long Steps);

/// <summary>A point of the privacy profile.</summary>
/// <param name="Delta">Delta.</param>
/// <param name="Epsilon">Upper bound at that delta, or null if infinite.</param>
public sealed record CurvePoint(double Delta, double? Epsilon);

/// <summary>Epsilon by each accountant; null where one does not apply.</summary>
/// <param name="Rdp">Upper bound.</param>
/// <param name="Prv">Upper bound.</param>
/// <param name="GdpApproximation">Central limit approximation: no bound.</param>
public sealed record ByAccountant(double? Rdp, double? Prv, double? GdpApproximation);

/// <summary>Origin of initial weights.</summary>
/// <param name="Source">A name.</param>
/// <param name="IsPublic">False if they were trained on private data.</param>
/// <param name="IsIncluded">True if that was a private run on the same data whose budget this statement includes.</param>
public sealed record StatementPretraining(string Source, bool IsPublic, bool IsIncluded);
