using Pellicle.Core.Errors;
using Pellicle.Nn;
using Pellicle.Privacy.Accounting;
using Pellicle.Privacy.Clipping;
using Pellicle.Privacy.Noise;
using Pellicle.Privacy.Sampling;

namespace Pellicle.Privacy.Plan;

/// <summary>Everything that may change the guarantee. All of it is public knowledge; nothing here may be computed from private data.</summary>
public sealed record DpOptions
{
    /// <summary>n: number of units, as a public constant.</summary>
    public required long N { get; init; }

    /// <summary>False if n itself was counted on private data: then it is listed as not covered.</summary>
    public bool NIsPublic { get; init; } = true;

    /// <summary>L: expected number of units per step, and the divisor of the noised sum. 1 … n.</summary>
    public required long ExpectedBatchSize { get; init; }

    /// <summary>What is protected.</summary>
    public PrivacyUnit Unit { get; init; } = PrivacyUnit.Image;

    /// <summary>m: most images that one patient brings to a step; used with the patient unit.</summary>
    public int MaxImagesPerUnit { get; init; } = 4;

    /// <summary>How units are drawn.</summary>
    public SamplingKind Sampling { get; init; } = SamplingKind.Poisson;

    /// <summary>Passes over the data; steps = ceil(epochs·n/L). Either this or <see cref="Steps"/>.</summary>
    public double? Epochs { get; init; }

    /// <summary>Number of steps. Either this or <see cref="Epochs"/>.</summary>
    public long? Steps { get; init; }

    /// <summary>Noise divided by the clipping bound, above 0. Either this or <see cref="TargetEpsilon"/>.</summary>
    public double? NoiseMultiplier { get; init; }

    /// <summary>Budget for which the noise is searched, above 0. Either this or <see cref="NoiseMultiplier"/>.</summary>
    public double? TargetEpsilon { get; init; }

    /// <summary>Training ends before the step that would exceed this; <see cref="TargetEpsilon"/> if null.</summary>
    public double? MaxEpsilon { get; init; }

    /// <summary>Delta of the guarantee, in (0, 1); should be below 1/n.</summary>
    public double Delta { get; init; } = 1e-5;

    /// <summary>The accountant of the run; gdp is refused.</summary>
    public AccountantKind Accountant { get; init; } = AccountantKind.Prv;

    /// <summary>Rényi orders; empty for the default list.</summary>
    public IReadOnlyList<double> Orders { get; init; } = [];

    /// <summary>Error of the prv accountant, above 0; null for 0.01 or a twentieth of the budget, whichever is smaller.</summary>
    public double? EpsilonError { get; init; }

    /// <summary>Most bytes for the mesh of the prv accountant; a smaller value may widen its error, and with it the noise.</summary>
    public long AccountantMemoryBytes { get; init; } = 256L << 20;

    /// <summary>Clipping: mode, bound(s), what happens to gradients that are not finite.</summary>
    public ClippingOptions Clipping { get; init; } = new();

    /// <summary>How an adaptive bound moves; needed with <see cref="ClippingMode.Adaptive"/>, otherwise null.</summary>
    public AdaptiveClipping? Adaptive { get; init; }

    /// <summary>Noise multiplier from epoch to epoch.</summary>
    public StepSchedule NoiseSchedule { get; init; } = new();

    /// <summary>Clipping bound from epoch to epoch.</summary>
    public StepSchedule ClipSchedule { get; init; } = new();

    /// <summary>K: augmented views of an image averaged inside its gradient. Does not change the event.</summary>
    public int AugmentMultiplicity { get; init; } = 1;

    /// <summary>Weight of each class in the loss, public constants; empty for none.</summary>
    public IReadOnlyList<double> ClassWeights { get; init; } = [];

    /// <summary>Number format of the operands of products: decides which rounding the measured norms have to cover.</summary>
    public ProductPrecision Precision { get; init; } = ProductPrecision.Float32;

    /// <summary>What will be published.</summary>
    public ReleaseKind Release { get; init; } = ReleaseKind.FinalModel;

    /// <summary>True if choices may depend on private validation data without being charged; recorded.</summary>
    public bool AcceptUnaccountedTuning { get; init; }

    /// <summary>Replaces secure noise by seeded noise, for tests; the statement says so.</summary>
    public InsecureSeed? InsecureSeed { get; init; }

    /// <summary>What earlier runs did to the same data; composed with this run.</summary>
    public PrivacyHistory Spent { get; init; } = PrivacyHistory.Empty;

    /// <summary>Hash of the ledger that <see cref="Spent"/> was read from, or null.</summary>
    public string? SpentLedgerHash { get; init; }

    /// <summary>Where initial weights come from, or null for random ones.</summary>
    public Pretraining? Pretraining { get; init; }

    /// <summary>Count queries of a step: none, one, or one per layer with adaptive bounds per layer.</summary>
    public int CountQueries => Adaptive is null ? 0 : Math.Max(1, Clipping.LayerBounds.Count);

    /// <summary>q: L/n, or 1 for full batches and shuffled epochs (per epoch).</summary>
    public double SampleRate => Sampling is SamplingKind.FullBatch or SamplingKind.Shuffled ? 1 : (double)ExpectedBatchSize / N;

    /// <summary>Lists everything that is wrong.</summary>
    public IReadOnlyList<Problem> Check() => DpOptionsCheck.Of(this);
}

/// <summary>What leaves the run folder.</summary>
public enum ReleaseKind
{
    /// <summary>The last model only.</summary>
    FinalModel,

    /// <summary>Every checkpoint: covered by composition, as every noised step is.</summary>
    AllCheckpoints,
}

/// <summary>Origin of initial weights.</summary>
/// <param name="Source">A name, such as "imagenet-1k".</param>
/// <param name="IsPublic">False if they were trained on private data: then that training needs its own guarantee.</param>
/// <param name="IsIncluded">True if they come from a private run on the same data whose budget is part of <see cref="DpOptions.Spent"/>.</param>
public sealed record Pretraining(string Source, bool IsPublic, bool IsIncluded = false);
