namespace Pellicle.Training.Configuration;

/// <summary>Section <c>privacy</c>: the guarantee. Exactly one of <see cref="TargetEpsilon"/>, <see cref="NoiseMultiplier"/> and <see cref="NonPrivate"/> is set.</summary>
public sealed record PrivacySection
{
    /// <summary>Find the noise that spends at most this epsilon, &gt; 0; null if not asked for.</summary>
    public double? TargetEpsilon { get; init; }

    /// <summary>Noise standard deviation over the clipping bound, &gt; 0; null if not asked for.</summary>
    public double? NoiseMultiplier { get; init; }

    /// <summary>Train without differential privacy.</summary>
    public bool NonPrivate { get; init; }

    /// <summary>n: number of images (or patients, with the patient unit) of the training split as a public constant; null to count them, which the guarantee then does not cover.</summary>
    public long? N { get; init; }

    /// <summary>The delta of the guarantee, in (0, 1).</summary>
    public double Delta { get; init; } = 1e-5;

    /// <summary>Bound C on the L2 norm of one unit's gradient, &gt; 0.</summary>
    public double MaxGradNorm { get; init; } = 1.0;

    /// <summary>How gradients are bounded.</summary>
    public ClippingChoice Clipping { get; init; } = ClippingChoice.Flat;

    /// <summary>Adaptive clipping: wanted fraction of units within the bound, in (0, 1).</summary>
    public double AdaptiveQuantile { get; init; } = 0.5;

    /// <summary>Adaptive clipping: rate of the bound's geometric updates, &gt; 0.</summary>
    public double AdaptiveLearningRate { get; init; } = 0.2;

    /// <summary>Adaptive clipping: standard deviation of the noise on each count, &gt; 0; null lets the plan choose.</summary>
    public double? AdaptiveCountNoise { get; init; }

    /// <summary>Adaptive clipping: a bound, and a count, for each layer.</summary>
    public bool AdaptivePerLayer { get; init; }

    /// <summary>How the noise multiplier changes from epoch to epoch: constant, exponential:G, step:G:EPOCHS or table:F1,F2,…</summary>
    public string NoiseSchedule { get; init; } = "constant";

    /// <summary>How the clipping bound changes from epoch to epoch, in the same notation.</summary>
    public string ClipSchedule { get; init; } = "constant";

    /// <summary>Folders of earlier runs on the same data, whose budget this run adds to.</summary>
    public SettingList<string> Spent { get; init; } = [];

    /// <summary>Whose presence is hidden.</summary>
    public UnitChoice Unit { get; init; } = UnitChoice.Image;

    /// <summary>Most images of one patient in one step, at least 1; used with the patient unit only.</summary>
    public int MaxImagesPerUnit { get; init; } = 4;

    /// <summary>How the units of a step are drawn; decides the neighbouring relation and the accounting.</summary>
    public SamplingChoice Sampling { get; init; } = SamplingChoice.Poisson;

    /// <summary>How epsilon is computed.</summary>
    public AccountantChoice Accountant { get; init; } = AccountantChoice.Prv;

    /// <summary>Orders of the RDP accountant, each &gt; 1; empty for its own.</summary>
    public SettingList<double> Orders { get; init; } = [];

    /// <summary>Stop before the step that would exceed this epsilon; null means <see cref="TargetEpsilon"/>.</summary>
    public double? MaxEpsilon { get; init; }

    /// <summary>What to do with a gradient that is not finite.</summary>
    public NonfiniteChoice Nonfinite { get; init; } = NonfiniteChoice.Stop;

    /// <summary>Seed for reproducible noise and sampling, which gives no privacy; null for secure randomness.</summary>
    public ulong? InsecureSeed { get; init; }

    /// <summary>Allow choices by private validation data, which the guarantee does not cover; recorded in the statement.</summary>
    public bool AcceptUnaccountedTuning { get; init; }
}
