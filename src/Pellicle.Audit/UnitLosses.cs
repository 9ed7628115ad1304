using Pellicle.Data;
using Pellicle.Training.Metrics;
using Pellicle.Training.Runs;

namespace Pellicle.Audit;

/// <summary>Losses of a run's model, per unit of privacy.</summary>
internal sealed class UnitLosses
{
    private const int PlantedAtOnce = 64;

    private readonly LoadedRun _run;

    public UnitLosses(LoadedRun run) => _run = run;

    /// <summary>Loss of each image, or mean loss of each patient's images if the unit is the patient.</summary>
    public double[] OfRecords(IReadOnlyList<int> records, bool byPatient, CancellationToken cancellation)
    {
        LabelledPredictions predictions = _run.Predict(records, cancellation);
        if (!byPatient)
        {
            return [.. predictions.Losses!];
        }

        return
        [
            .. records.Select((record, i) => (_run.Dataset.Records[record].Patient, Loss: predictions.Losses![i]))
                .GroupBy(pair => pair.Patient).Select(group => group.Average(pair => pair.Loss)),
        ];
    }

    /// <summary>Loss of each planted image under the label it is planted with.</summary>
    public double[] OfPlanted(IReadOnlyList<Training.PlantedImage> images, CancellationToken cancellation)
    {
        var losses = new double[images.Count];
        for (int first = 0; first < images.Count; first += PlantedAtOnce)
        {
            cancellation.ThrowIfCancellationRequested();
            Training.PlantedImage[] chunk = [.. images.Skip(first).Take(PlantedAtOnce)];
            var pixels = new Queue<float[]>(_run.ReadPixels([.. chunk.Select(c => c.Record).OfType<int>()]));
            float[][] inputs = [.. chunk.Select(c => c.Pixels ?? pixels.Dequeue())];
            LabelledPredictions predictions = _run.Predict(inputs, [.. chunk.Select(c => c.Label)]);
            predictions.Losses!.ToArray().CopyTo(losses, first);
        }

        return losses;
    }

    /// <summary>Records of the training split and of the held-out splits, at most so many of each, drawn by a seed.</summary>
    public (int[] Members, int[] NonMembers) Draw(int most, Core.Random.ISeededRandom random)
    {
        int[] members = [.. _run.Dataset.IndicesOf(SplitName.Train)];
        int[] heldOut = [.. HeldOut()];
        Core.Random.SeededRandomExtensions.Shuffle<int>(random, members);
        Core.Random.SeededRandomExtensions.Shuffle<int>(random, heldOut);
        return (members[..Math.Min(most, members.Length)], heldOut[..Math.Min(most, heldOut.Length)]);
    }

    /// <summary>Records of the test and validation splits.</summary>
    public IEnumerable<int> HeldOut() => _run.Dataset.IndicesOf(SplitName.Test).Concat(_run.Dataset.IndicesOf(SplitName.Validation));
}
