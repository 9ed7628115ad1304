namespace Pellicle.Training.Configuration;

/// <summary>What tells a good epoch from a bad one, on the validation split: the plateau schedule and the best checkpoint go by it.</summary>
public enum TuningMetric
{
    /// <summary>Mean cross-entropy; the smallest is the best.</summary>
    Loss,

    /// <summary>Area under the ROC curve.</summary>
    Auc,

    /// <summary>Share of right predictions.</summary>
    Accuracy,

    /// <summary>Mean share of right predictions over classes.</summary>
    BalancedAccuracy,

    /// <summary>Mean F1 over classes.</summary>
    MacroF1,
}
