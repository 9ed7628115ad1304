namespace Pellicle.Training.Metrics;

/// <summary>Metrics of the images that share one value of an attribute; an entry of <c>groups</c> of <c>eval</c>.</summary>
/// <param name="Attribute">Column name, such as "sex".</param>
/// <param name="Value">Value, number range such as "40 to below 60", or "unknown".</param>
/// <param name="Metrics">Metrics with intervals of this group alone.</param>
public sealed record GroupMetrics(string Attribute, string Value, ClassificationMetrics Metrics)
{
    /// <summary>Metrics per value of one attribute.</summary>
    /// <param name="predictions">All images.</param>
    /// <param name="attribute">Column name; "age" is binned in steps of 20 years, other columns of many numbers by quartiles.</param>
    /// <param name="values">Value of each image [n]; null or empty is the group "unknown".</param>
    /// <param name="options">Threshold, replicates, seed.</param>
    /// <returns>Groups with at least one image, in the order of the bins or of the values; "unknown" last.</returns>
    public static IReadOnlyList<GroupMetrics> ByAttribute(LabelledPredictions predictions, string attribute, IReadOnlyList<string?> values, MetricsOptions options)
    {
        ArgumentNullException.ThrowIfNull(predictions);
        ArgumentException.ThrowIfNullOrEmpty(attribute);
        ArgumentNullException.ThrowIfNull(values);
        if (values.Count != predictions.Count)
        {
            throw new ArgumentException($"expected {predictions.Count} values of '{attribute}', got {values.Count}", nameof(values));
        }

        var bins = AttributeBins.Of(attribute, values);
        return
        [
            .. Enumerable.Range(0, predictions.Count)
                .GroupBy(i => bins.Place(values[i]))
                .OrderBy(group => group.Key.Order).ThenBy(group => group.Key.Name, StringComparer.Ordinal)
                .Select(group => new GroupMetrics(attribute, group.Key.Name, ClassificationMetrics.Compute(predictions.Subset([.. group]), options))),
        ];
    }
}
