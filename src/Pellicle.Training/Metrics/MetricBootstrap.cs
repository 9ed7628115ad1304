using Pellicle.Core.Random;

namespace Pellicle.Training.Metrics;

/// <summary>Percentile bootstrap (Efron 1979) over patients, or images where patients are not known.</summary>
/// <remarks>Units are drawn by <see cref="UnitResampling"/>. Where a metric is exactly 0 or 1 all replicates agree and the percentiles would claim certainty; there an exact bound takes their place
/// (Clopper–Pearson for the accuracies, <see cref="AucInterval"/> for the area).</remarks>
internal static class MetricBootstrap
{
    private const double Confidence = 0.95;

    public static MetricIntervals Intervals(LabelledPredictions predictions, PredictionStatistics statistics, MetricsOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(options.BootstrapReplicates);
        UnitResampling resampling = predictions.HasPatients ? new UnitResampling(predictions.Patients!.Select(patient => patient!)) : new UnitResampling(predictions.Count);
        int units = resampling.Units;
        if (options.BootstrapReplicates == 0 || predictions.Count == 0)
        {
            return new MetricIntervals(null, null, null);
        }

        ISeededRandom random = new SeededRandom(options.Seed).Derive("bootstrap");
        var accuracy = new List<double>(options.BootstrapReplicates);
        var balanced = new List<double>(options.BootstrapReplicates);
        var auc = new List<double>(options.BootstrapReplicates);
        var weights = new int[predictions.Count];
        int left = MostDraws(options);
        for (int replicate = 0; replicate < options.BootstrapReplicates && units > 1 && left > 0; left--)
        {
            resampling.Draw(random, weights);
            double? area = statistics.Auc(weights);
            if (area is null && options.Interval == IntervalKind.Basic)
            {
                continue; // as the reference: a resample with one class only is drawn again
            }

            replicate++;
            Keep(accuracy, statistics.Accuracy(weights));
            Keep(balanced, statistics.BalancedAccuracy(weights));
            Keep(auc, area);
        }

        if (options.Interval == IntervalKind.Basic)
        {
            return new MetricIntervals(Basic(statistics.Accuracy([]), accuracy), Basic(statistics.BalancedAccuracy([]), balanced), Basic(statistics.Auc([]), auc));
        }

        return new MetricIntervals(
            AccuracyInterval(statistics.Accuracy([]), units, accuracy, options.BootstrapReplicates),
            AccuracyInterval(statistics.BalancedAccuracy([]), Math.Min(units, statistics.SmallestClass()), balanced, options.BootstrapReplicates),
            AreaInterval(statistics, predictions.Count, auc, options.BootstrapReplicates));
    }

    // Data whose resamples nearly all have one class would be drawn for ever.
    private static int MostDraws(MetricsOptions options) => options.Interval == IntervalKind.Basic ? (int)Math.Min(int.MaxValue, 100L * options.BootstrapReplicates) : options.BootstrapReplicates;

    private static Interval? Basic(double? value, List<double> replicates)
    {
        if (value is not { } centre || replicates.Count < 2)
        {
            return null;
        }

        double[] differences = [.. replicates.Select(replicate => replicate - centre).Order()];
        int i = (int)((1 - Confidence) / 2 * differences.Length);
        return new Interval(centre - differences[Math.Min(differences.Length - i, differences.Length - 1)], centre - differences[i]);
    }

    private static void Keep(List<double> values, double? value)
    {
        if (value is { } number)
        {
            values.Add(number);
        }
    }

    private static Interval? AccuracyInterval(double? value, int units, List<double> replicates, int asked) => value switch
    {
        null => null,
        0 or 1 => ClopperPearson.TwoSided(value == 1 ? units : 0, units, Confidence),
        _ => Percentiles(replicates, asked),
    };

    private static Interval? AreaInterval(PredictionStatistics statistics, int count, List<double> replicates, int asked)
    {
        double? value = statistics.Auc([]);
        int smallest = statistics.SmallestClass();
        return value switch
        {
            null => null,
            0 or 1 => AucInterval.Of(value.Value, smallest, count - smallest, Confidence),
            _ => Percentiles(replicates, asked),
        };
    }

    // With fewer than half of the replicates usable (a class of one or two images) the percentiles describe the selection, not the data.
    private static Interval? Percentiles(List<double> values, int asked)
    {
        if (values.Count < 2 || values.Count * 2 < asked)
        {
            return null;
        }

        return UnitResampling.Percentiles(values, Confidence);
    }
}
