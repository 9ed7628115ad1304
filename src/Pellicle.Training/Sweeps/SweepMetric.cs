using System.Globalization;
using Pellicle.Training.Metrics;

namespace Pellicle.Training.Sweeps;

/// <summary>A figure of a finished run, by which runs are compared, such as "validation.loss".</summary>
public sealed record SweepMetric
{
    private static readonly Dictionary<string, Func<ClassificationMetrics, double?>> Figures = new()
    {
        ["loss"] = m => m.Loss,
        ["accuracy"] = m => m.Accuracy,
        ["balancedAccuracy"] = m => m.BalancedAccuracy,
        ["macroF1"] = m => m.MacroF1,
        ["auc"] = m => m.Auc,
    };

    private SweepMetric(string split, string figure)
    {
        Split = split;
        Figure = figure;
    }

    /// <summary>All names.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. new[] { "validation", "test" }.SelectMany(split => Figures.Keys.Select(figure => $"{split}.{figure}")), "train.loss"];

    /// <summary>train, validation or test.</summary>
    public string Split { get; }

    /// <summary>loss, accuracy, balancedAccuracy, macroF1 or auc.</summary>
    public string Figure { get; }

    /// <summary>The name as written.</summary>
    public string Name => $"{Split}.{Figure}";

    /// <summary>Column of sweep.csv, such as "validation_loss".</summary>
    public string Column => $"{Split}_{Figure}";

    /// <summary>True if smaller is better.</summary>
    public bool IsSmallerBetter => Figure == "loss";

    /// <summary>Finds a metric.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <returns>Null for another name.</returns>
    public static SweepMetric? Find(string name) => Names.Contains(name) ? new SweepMetric(name.Split('.')[0], name.Split('.')[1]) : null;

    /// <summary>The value in a result; null if the run has none.</summary>
    /// <param name="result">A finished run.</param>
    public double? Of(TrainResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        if (Split == "train")
        {
            return result.FinalLoss;
        }

        return (Split == "test" ? result.Test : result.Validation) is { } metrics && Figures[Figure](metrics) is { } value && double.IsFinite(value) ? value : null;
    }

    /// <summary>The value for a table: "NA" if there is none.</summary>
    /// <param name="value">A value, or null.</param>
    public static string Text(double? value) => value is { } number ? number.ToString("R", CultureInfo.InvariantCulture) : "NA";
}
