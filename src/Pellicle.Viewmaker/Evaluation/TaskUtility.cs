using Pellicle.Core.Random;
using Pellicle.Training.Metrics;
using Pellicle.Viewmaker.Readers;

namespace Pellicle.Viewmaker.Evaluation;

/// <summary>What is left of the task: the same network trained fresh on released pictures, and the original network without retraining.</summary>
public sealed record TaskUtility
{
    private static readonly double[] LearningRates = [1e-3, 3e-3];

    /// <summary>The column.</summary>
    public required string Task { get; init; }

    /// <summary>Fresh network, trained and tested on originals; the better of two learning rates on the validation pictures, as for all fresh networks here.</summary>
    public required double AucOriginal { get; init; }

    /// <summary>Fresh network, trained and tested on released pictures.</summary>
    public required double AucObfuscated { get; init; }

    /// <summary>Obfuscated minus original.</summary>
    public required double Difference { get; init; }

    /// <summary>95 % interval of the difference; both networks on the same resampled patients.</summary>
    public required Interval? DifferenceInterval { get; init; }

    /// <summary>The network trained on originals, on released pictures.</summary>
    public required double ZeroShotAuc { get; init; }

    /// <summary>Average precision on released pictures.</summary>
    public required double? Auprc { get; init; }

    /// <summary>Cohen's kappa on released pictures.</summary>
    public required double? Kappa { get; init; }

    /// <summary>Expected calibration error on released pictures.</summary>
    public required double? Ece { get; init; }

    /// <summary>Measures utility.</summary>
    internal static TaskUtility Measure(
        string architecture, TaskMaterial originals, TaskMaterial released, Reader originalReader, int epochs, PatientBootstrap bootstrap, ISeededRandom random, CancellationToken cancellation)
    {
        using Reader before = Fresh(architecture, originals, epochs, random, cancellation), after = Fresh(architecture, released, epochs, random, cancellation);
        ColumnScores scoresBefore = Scores(before, originals.Test), scoresAfter = Scores(after, released.Test), zeroShot = Scores(originalReader, released.Test);
        ClassificationMetrics metrics = Metrics(after, released.Test);
        double aucBefore = scoresBefore.Auc() ?? 0.5, aucAfter = scoresAfter.Auc() ?? 0.5;
        return new TaskUtility
        {
            Task = originals.Test.Columns[0].Name,
            AucOriginal = aucBefore,
            AucObfuscated = aucAfter,
            Difference = aucAfter - aucBefore,
            DifferenceInterval = bootstrap.Interval(weights => scoresAfter.Auc(weights) - scoresBefore.Auc(weights)),
            ZeroShotAuc = zeroShot.Auc() ?? 0.5,
            Auprc = scoresAfter.AveragePrecision(),
            Kappa = metrics.Kappa,
            Ece = metrics.Ece,
        };
    }

    /// <summary>A fresh network of the task: the better of two learning rates on the validation pictures, as anyone would choose who trains on them.</summary>
    internal static Reader Fresh(string architecture, TaskMaterial material, int epochs, ISeededRandom random, CancellationToken cancellation)
    {
        Reader reader = Reader.For(architecture, material.Training.Pictures, material.Training.Columns, random.Derive("task init"));
        try
        {
            float[][] start = reader.Snapshot();
            (float[][] Weights, double Auc) best = (start, double.NegativeInfinity);
            foreach (double rate in LearningRates)
            {
                reader.Restore(start);
                double auc = ReaderTraining.Fit(reader, material.Training, material.Validation, new ReaderTrainingOptions { Epochs = epochs, Batch = 32, LearningRate = rate }, random.Derive("task fit"), cancellation);
                best = auc > best.Auc ? (reader.Snapshot(), auc) : best;
            }

            reader.Restore(best.Weights);
            return reader;
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    internal static ColumnScores Scores(Reader reader, LabelledPictures test) => ColumnScores.Of(reader.Margins(reader.Outputs(test.Pictures), 0), test.Columns[0]);

    private static ClassificationMetrics Metrics(Reader reader, LabelledPictures test)
    {
        float[] outputs = reader.Outputs(test.Pictures);
        int classes = reader.Classes[0];
        var probabilities = new float[outputs.Length];
        for (int start = 0; start < outputs.Length; start += classes)
        {
            double highest = outputs.AsSpan(start, classes).ToArray().Max();
            double sum = Enumerable.Range(start, classes).Sum(i => Math.Exp(outputs[i] - highest));
            for (int i = start; i < start + classes; i++)
            {
                probabilities[i] = (float)(Math.Exp(outputs[i] - highest) / sum);
            }
        }

        return ClassificationMetrics.Compute(new LabelledPredictions([.. test.Columns[0].Labels], probabilities, classes), new MetricsOptions { BootstrapReplicates = 0 });
    }
}

/// <summary>Pictures for training, choosing and testing a network of the task; one column.</summary>
/// <param name="Training">A.</param>
/// <param name="Validation">V.</param>
/// <param name="Test">T.</param>
internal sealed record TaskMaterial(LabelledPictures Training, LabelledPictures Validation, LabelledPictures Test);
