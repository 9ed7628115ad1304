using Pellicle.Privacy.Accounting;
using Pellicle.Privacy.Sampling;

namespace Pellicle.Privacy.Plan;

/// <summary>What the budget planner is asked: two of noise, epsilon and number of steps, and it finds the third.</summary>
public sealed record PlanRequest
{
    /// <summary>n: number of units.</summary>
    public required long N { get; init; }

    /// <summary>L: expected units per step.</summary>
    public required long ExpectedBatchSize { get; init; }

    /// <summary>Passes over the data; or <see cref="Steps"/>.</summary>
    public double? Epochs { get; init; }

    /// <summary>Number of steps; or <see cref="Epochs"/>.</summary>
    public long? Steps { get; init; }

    /// <summary>Wanted epsilon.</summary>
    public double? TargetEpsilon { get; init; }

    /// <summary>Noise divided by the clipping bound.</summary>
    public double? NoiseMultiplier { get; init; }

    /// <summary>Delta, in (0, 1).</summary>
    public double Delta { get; init; } = 1e-5;

    /// <summary>Which accountant; gdp is allowed here, as an approximation.</summary>
    public AccountantKind Accountant { get; init; } = AccountantKind.Prv;

    /// <summary>Rényi orders; empty for the default list.</summary>
    public IReadOnlyList<double> Orders { get; init; } = [];

    /// <summary>What is protected.</summary>
    public PrivacyUnit Unit { get; init; } = PrivacyUnit.Image;

    /// <summary>Most images of a patient per step.</summary>
    public int MaxImagesPerUnit { get; init; } = 4;

    /// <summary>How units are drawn.</summary>
    public SamplingKind Sampling { get; init; } = SamplingKind.Poisson;

    /// <summary>Noise multiplier from epoch to epoch; the noise that is given or found is that of the first.</summary>
    public StepSchedule NoiseSchedule { get; init; } = new();

    /// <summary>Most images of one patient, for the group figure under the image unit; null if not known.</summary>
    public int? ImagesOfLargestPatient { get; init; }

    /// <summary>C, for the statement.</summary>
    public double MaxGradNorm { get; init; } = 1;

    /// <summary>What earlier runs did to the same data.</summary>
    public PrivacyHistory Spent { get; init; } = PrivacyHistory.Empty;

    /// <summary>True to fill the table of epochs and targets.</summary>
    public bool Table { get; init; }
}
