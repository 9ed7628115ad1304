namespace Pellicle.Training.Metrics;

/// <summary>95 % intervals of the headline metrics; null where there is nothing to resample.</summary>
/// <param name="Accuracy">Of the accuracy.</param>
/// <param name="BalancedAccuracy">Of the balanced accuracy.</param>
/// <param name="Auc">Of the area under the ROC curve.</param>
public sealed record MetricIntervals(Interval? Accuracy, Interval? BalancedAccuracy, Interval? Auc);
