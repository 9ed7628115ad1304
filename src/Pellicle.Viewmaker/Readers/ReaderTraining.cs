using Pellicle.Core.Random;
using Pellicle.Data;
using Pellicle.Tensors;
using Pellicle.Viewmaker.Evaluation;
using Pellicle.Viewmaker.Subjects;

namespace Pellicle.Viewmaker.Readers;

/// <summary>Pictures with the classes of their columns.</summary>
/// <param name="Pictures">n pictures.</param>
/// <param name="Columns">Each with n labels.</param>
internal sealed record LabelledPictures(PictureSet Pictures, IReadOnlyList<SubjectColumn> Columns)
{
    /// <summary>Labels of some pictures [N, columns].</summary>
    public Tensor Labels(ReadOnlySpan<int> rows)
    {
        var labels = new long[rows.Length * Columns.Count];
        for (int i = 0; i < labels.Length; i++)
        {
            labels[i] = Columns[i % Columns.Count].Labels[rows[i / Columns.Count]];
        }

        return Tensor.From<long>(labels, rows.Length, Columns.Count);
    }
}

/// <summary>How readers are trained on fixed pictures.</summary>
internal sealed record ReaderTrainingOptions
{
    /// <summary>Most epochs.</summary>
    public int Epochs { get; init; } = 20;

    /// <summary>Epochs without a better validation AUC after which training ends; at least half of <see cref="Epochs"/>, for small networks may see nothing for long.</summary>
    public int Patience { get; init; } = 6;

    /// <summary>Images of a step.</summary>
    public int Batch { get; init; } = 64;

    /// <summary>Learning rate (AdamW).</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>Weight decay.</summary>
    public double WeightDecay { get; init; } = 1e-2;
}

/// <summary>Trains a reader until its validation AUC is flat, and keeps its best weights.</summary>
internal static class ReaderTraining
{
    // Mirrored and moved pictures: whoever attacks would do the same.
    private static readonly Augmentation Changes = Augmentation.Parse("flip,shift");

    /// <summary>Trains in place.</summary>
    /// <param name="reader">Fresh, or trained before.</param>
    /// <param name="training">Teaches.</param>
    /// <param name="validation">Chooses the epoch.</param>
    /// <param name="options">How long.</param>
    /// <param name="random">Order and augmentation.</param>
    /// <param name="cancellation">Checked between steps.</param>
    /// <returns>Best mean AUC over the columns on the validation pictures.</returns>
    public static double Fit(Reader reader, LabelledPictures training, LabelledPictures validation, ReaderTrainingOptions options, ISeededRandom random, CancellationToken cancellation)
    {
        using var step = new ReaderStep(reader, new ColumnLoss(reader, Objectives.CrossEntropy), options.WeightDecay);
        float[][] best = reader.Snapshot();
        double bestAuc = double.NegativeInfinity;
        int[] order = [.. Enumerable.Range(0, training.Pictures.Count)];
        int stepsPerEpoch = Math.Max(1, (order.Length + options.Batch - 1) / options.Batch);
        for (int epoch = 0, bestEpoch = 0; epoch < options.Epochs && epoch - bestEpoch <= Math.Max(options.Patience, options.Epochs / 2); epoch++)
        {
            random.Derive("order", (ulong)epoch).Shuffle(order.AsSpan());
            for (int i = 0; i < stepsPerEpoch; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                ReadOnlySpan<int> rows = order.AsSpan(i * options.Batch, Math.Min(options.Batch, order.Length - (i * options.Batch)));
                using TensorScope scope = TensorScope.Open();
                Tensor pictures = training.Pictures.Batch(rows);
                Augment(pictures, random.Derive("augment", (ulong)((epoch * stepsPerEpoch) + i)));
                double progress = ((double)epoch * stepsPerEpoch + i) / ((double)options.Epochs * stepsPerEpoch);
                step.Take(pictures, training.Labels(rows), options.LearningRate * (1 - (0.9 * progress)));
            }

            double auc = MeanAuc(reader, validation);
            if (auc > bestAuc + 1e-4)
            {
                (best, bestAuc, bestEpoch) = (reader.Snapshot(), auc, epoch);
            }
        }

        reader.Restore(best);
        return bestAuc;
    }

    /// <summary>Mean over the columns of the AUC (several classes: mean of one against rest).</summary>
    public static double MeanAuc(Reader reader, LabelledPictures pictures)
    {
        float[] outputs = reader.Outputs(pictures.Pictures);
        return pictures.Columns.Select((column, c) => ColumnScores.Of(reader.Margins(outputs, c), column).Auc() ?? 0.5).Average();
    }

    /// <summary>Mirrors and moves pictures in place, each in its own way.</summary>
    /// <param name="pictures">[N, C, H, W], contiguous.</param>
    /// <param name="random">Decides how.</param>
    public static void Augment(Tensor pictures, ISeededRandom random)
    {
        (int channels, int height, int width) = ((int)pictures.Size(1), (int)pictures.Size(2), (int)pictures.Size(3));
        int length = channels * height * width;
        for (int i = 0; i < pictures.Size(0); i++)
        {
            Changes.Apply(pictures.Data<float>().Slice(i * length, length), channels, height, width, random.Derive("picture", (ulong)i));
        }
    }
}
