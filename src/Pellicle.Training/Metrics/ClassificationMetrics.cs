namespace Pellicle.Training.Metrics;

/// <summary>Metrics of a classifier on one set of images: the object "metrics" of every JSON result.</summary>
/// <remarks>A value that does not exist (no image, one class only, a class without images) is null, never NaN. Averages over classes take the classes that occur.</remarks>
public sealed record ClassificationMetrics
{
    /// <summary>Number of images.</summary>
    public required int N { get; init; }

    /// <summary>Mean cross-entropy in nats, without class weights.</summary>
    public double? Loss { get; init; }

    /// <summary>Share of images whose predicted class is the true one.</summary>
    public double? Accuracy { get; init; }

    /// <summary>Mean over the classes that occur of the share of their images that are recognised.</summary>
    public double? BalancedAccuracy { get; init; }

    /// <summary>Mean F1 over the classes that occur as truth or as prediction; the F1 of a class that is never right is 0.</summary>
    public double? MacroF1 { get; init; }

    /// <summary>Area under the ROC curve: of class 1 for two classes, otherwise the mean of <see cref="AucPerClass"/> over the classes that have one.</summary>
    public double? Auc { get; init; }

    /// <summary>One-against-rest area of each class [K]; null for a class without images, or with all of them.</summary>
    public required IReadOnlyList<double?> AucPerClass { get; init; }

    /// <summary>Average precision: of class 1 for two classes, otherwise the mean over the classes that occur.</summary>
    public double? Auprc { get; init; }

    /// <summary>Cohen's kappa, unweighted (Cohen 1960); null if chance agreement is 1.</summary>
    public double? Kappa { get; init; }

    /// <summary>Brier score: for two classes the mean of (p₁ − y)² in [0, 1], otherwise the mean of Σ_k (p_k − y_k)² in [0, 2] (Brier 1950).</summary>
    public double? Brier { get; init; }

    /// <summary>Expected calibration error of the most probable class, 15 bins of equal width (Guo et al. 2017).</summary>
    public double? Ece { get; init; }

    /// <summary>Counts [K][K]: row = truth, column = prediction.</summary>
    public required IReadOnlyList<IReadOnlyList<int>> Confusion { get; init; }

    /// <summary>95 % intervals by bootstrap over patients, or over images where patients are not known.</summary>
    public required MetricIntervals Intervals { get; init; }

    /// <summary>Computes all metrics.</summary>
    /// <param name="predictions">Labels and probabilities of n images; n may be 0.</param>
    /// <param name="options">Threshold, replicates, seed.</param>
    public static ClassificationMetrics Compute(LabelledPredictions predictions, MetricsOptions options)
    {
        ArgumentNullException.ThrowIfNull(predictions);
        ArgumentNullException.ThrowIfNull(options);
        var statistics = new PredictionStatistics(predictions, options.Threshold);
        double?[] aucPerClass = statistics.AucPerClass();
        return new ClassificationMetrics
        {
            N = predictions.Count,
            Loss = statistics.MeanLoss(),
            Accuracy = statistics.Accuracy([]),
            BalancedAccuracy = statistics.BalancedAccuracy([]),
            MacroF1 = statistics.MacroF1(),
            Auc = statistics.Auc([]),
            AucPerClass = aucPerClass,
            Auprc = statistics.AveragePrecision(),
            Kappa = statistics.Kappa(),
            Brier = statistics.Brier(),
            Ece = statistics.ExpectedCalibrationError(),
            Confusion = statistics.Confusion,
            Intervals = MetricBootstrap.Intervals(predictions, statistics, options),
        };
    }
}
