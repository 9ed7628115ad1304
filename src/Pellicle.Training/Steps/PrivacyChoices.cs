using Pellicle.Nn;
using Pellicle.Privacy.Accounting;
using Pellicle.Privacy.Clipping;
using Pellicle.Privacy.Plan;
using Pellicle.Training.Configuration;

namespace Pellicle.Training.Steps;

/// <summary>From the names of settings to the parts of a privacy plan.</summary>
public static class PrivacyChoices
{
    /// <summary>How units are drawn.</summary>
    /// <param name="sampling">The setting.</param>
    public static SamplingKind Sampling(SamplingChoice sampling) => sampling switch
    {
        SamplingChoice.FixedSize => SamplingKind.FixedSize,
        SamplingChoice.Shuffled => SamplingKind.Shuffled,
        SamplingChoice.Full => SamplingKind.FullBatch,
        _ => SamplingKind.Poisson,
    };

    /// <summary>A schedule over the epochs.</summary>
    /// <param name="text">A setting that was checked when it was read.</param>
    public static StepSchedule Schedule(string text) =>
        StepSchedule.TryParse(text, out StepSchedule? schedule) ? schedule : throw new ArgumentException($"'{text}' is no schedule.", nameof(text));

    /// <summary>How contributions are bounded. Adaptive bounds per layer start at equal shares of C.</summary>
    /// <param name="privacy">The settings.</param>
    /// <param name="model">The network; which layers are trainable is read here.</param>
    internal static ClippingOptions Clipping(PrivacySection privacy, Layer model)
    {
        string[] layers = privacy is { Clipping: ClippingChoice.Adaptive, AdaptivePerLayer: true }
            ? [.. model.Tree().Where(layer => layer.IsTrainable).Select(layer => layer.Path)]
            : [];
        return new ClippingOptions
        {
            Mode = privacy.Clipping switch
            {
                ClippingChoice.PerLayer => ClippingMode.PerLayer,
                ClippingChoice.Automatic => ClippingMode.Automatic,
                ClippingChoice.Adaptive => ClippingMode.Adaptive,
                _ => ClippingMode.Flat,
            },
            MaxGradNorm = privacy.MaxGradNorm,
            LayerBounds = layers.ToDictionary(path => path, _ => privacy.MaxGradNorm / Math.Sqrt(layers.Length)),
            ZeroNonFinite = privacy.Nonfinite == NonfiniteChoice.Zero,
        };
    }

    /// <summary>How an adaptive bound moves; null in other modes.</summary>
    /// <param name="privacy">The settings.</param>
    internal static AdaptiveClipping? Adaptive(PrivacySection privacy) => privacy.Clipping != ClippingChoice.Adaptive ? null : new AdaptiveClipping
    {
        TargetQuantile = privacy.AdaptiveQuantile,
        LearningRate = privacy.AdaptiveLearningRate,
        CountNoise = privacy.AdaptiveCountNoise,
    };
}
