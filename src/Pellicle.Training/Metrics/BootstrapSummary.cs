namespace Pellicle.Training.Metrics;

/// <summary>How the intervals of a result were found; the field <c>bootstrap</c> of <c>eval</c>.</summary>
/// <param name="Replicates">Number of resamples, at least 0.</param>
/// <param name="ResampledUnit">"patient" if every image has a patient, else "image".</param>
public sealed record BootstrapSummary(int Replicates, string ResampledUnit)
{
    /// <summary>The summary for predictions and options.</summary>
    /// <param name="predictions">The images the metrics are of.</param>
    /// <param name="options">The options the metrics were computed with.</param>
    public static BootstrapSummary Of(LabelledPredictions predictions, MetricsOptions options)
    {
        ArgumentNullException.ThrowIfNull(predictions);
        ArgumentNullException.ThrowIfNull(options);
        return new BootstrapSummary(options.BootstrapReplicates, predictions.HasPatients ? "patient" : "image");
    }
}
