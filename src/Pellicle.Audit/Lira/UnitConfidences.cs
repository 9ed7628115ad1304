using Pellicle.Audit.Statistics;
using Pellicle.Training.Metrics;
using Pellicle.Training.Runs;

namespace Pellicle.Audit.Lira;

/// <summary>Logit-scaled confidence of a model in units: of an image, or the mean over the images of a patient.</summary>
internal sealed class UnitConfidences(LoadedRun run)
{
    public double[] Of(IReadOnlyList<IReadOnlyList<int>> units, CancellationToken cancellation)
    {
        LabelledPredictions predictions = run.Predict([.. units.SelectMany(records => records)], cancellation);
        var confidences = new double[units.Count];
        int next = 0;
        for (int u = 0; u < units.Count; u++)
        {
            int first = next;
            next += units[u].Count;
            confidences[u] = Enumerable.Range(first, units[u].Count).Average(i => LogitConfidence.OfLoss(predictions.Losses![i]));
        }

        return confidences;
    }
}
