using Pellicle.Data;
using Pellicle.Models;
using Pellicle.Nn;
using Pellicle.Tensors;
using Pellicle.Training.Metrics;

namespace Pellicle.Training.Evaluation;

/// <summary>Runs a network over images in batches: class probabilities and the loss of each image.</summary>
/// <remarks>Works on one thread; the loader decodes the next batch meanwhile.</remarks>
public sealed class ModelEvaluator
{
    private readonly ImageClassifier _model;
    private readonly int _batch;

    /// <summary>Makes an evaluator.</summary>
    /// <param name="model">In evaluation mode; not disposed.</param>
    /// <param name="batch">Images computed at once; null chooses by the image size.</param>
    public ModelEvaluator(ImageClassifier model, int? batch = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        _model = model;
        long values = model.Spec.InputCount;
        _batch = batch ?? (int)Math.Clamp(2_000_000 / values, 8, 256);
    }

    /// <summary>Predicts records of a data set.</summary>
    /// <param name="loader">Gives the pictures or encodings; its shape must be that of the model's input.</param>
    /// <param name="dataset">Gives labels and patients.</param>
    /// <param name="records">Indices into the data set's records; may be empty.</param>
    /// <param name="cancellation">Checked between batches.</param>
    /// <returns>Probabilities [n, K] with labels, losses in nats and patients.</returns>
    public LabelledPredictions Predict(RecordLoader loader, ImageDataset dataset, IReadOnlyList<int> records, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(loader);
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(records);
        int[] labels = [.. records.Select(r => dataset.Records[r].Label)];
        (float[] probabilities, double[] losses) = Run(
            records.Count,
            labels,
            (first, count, destination) =>
            {
                loader.Fill([.. records.Skip(first).Take(count)], destination);
                loader.Prefetch([.. records.Skip(first + count).Take(_batch)]);
            },
            cancellation);
        return new LabelledPredictions(labels, probabilities, _model.Spec.Classes, losses, [.. records.Select(r => dataset.Records[r].Patient)]);
    }

    /// <summary>Predicts images given as numbers.</summary>
    /// <param name="images">Each [C, S, S], normalised.</param>
    /// <param name="labels">True class of each.</param>
    /// <returns>Probabilities [n, K] with labels and losses in nats.</returns>
    public LabelledPredictions Predict(IReadOnlyList<float[]> images, IReadOnlyList<int> labels)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(labels);
        (float[] probabilities, double[] losses) = Run(images.Count, labels, Copy, CancellationToken.None);
        return new LabelledPredictions(labels, probabilities, _model.Spec.Classes, losses);

        void Copy(int first, int count, Span<float> destination)
        {
            int size = destination.Length / count;
            for (int i = 0; i < count; i++)
            {
                images[first + i].CopyTo(destination.Slice(i * size, size));
            }
        }
    }

    /// <summary>Probabilities of the classes of one image.</summary>
    /// <param name="logits">[K].</param>
    /// <returns>[K], sum 1.</returns>
    internal static float[] Softmax(ReadOnlySpan<float> logits)
    {
        var probabilities = new float[logits.Length];
        _ = Softmax(logits, probabilities, 0);
        return probabilities;
    }

    private (float[] Probabilities, double[] Losses) Run(int images, IReadOnlyList<int> labels, FillBatch fill, CancellationToken cancellation)
    {
        int classes = _model.Spec.Classes;
        int size = _model.Spec.InputCount;
        var probabilities = new float[images * classes];
        var losses = new double[images];
        var buffer = new float[Math.Min(_batch, Math.Max(images, 1)) * size];
        using GradientMode off = GradientMode.Off();
        for (int first = 0; first < images; first += _batch)
        {
            cancellation.ThrowIfCancellationRequested();
            int count = Math.Min(_batch, images - first);
            Span<float> pixels = buffer.AsSpan(0, count * size);
            fill(first, count, pixels);
            using TensorScope scope = TensorScope.Open();
            Tensor input = Tensor.From<float>(pixels, [count, .. _model.Spec.InputShape]);
            float[] logits = _model.Forward(input, ForwardContext.Evaluation()).ToArray<float>();
            for (int i = 0; i < count; i++)
            {
                losses[first + i] = Softmax(logits.AsSpan(i * classes, classes), probabilities.AsSpan((first + i) * classes, classes), labels[first + i]);
            }
        }

        return (probabilities, losses);
    }

    // In double, with the largest logit subtracted: the loss of a confident network must not round to 0.
    private static double Softmax(ReadOnlySpan<float> logits, Span<float> probabilities, int label)
    {
        double largest = double.NegativeInfinity;
        foreach (float logit in logits)
        {
            largest = Math.Max(largest, logit);
        }

        double sum = 0;
        foreach (float logit in logits)
        {
            sum += Math.Exp(logit - largest);
        }

        for (int k = 0; k < logits.Length; k++)
        {
            probabilities[k] = (float)(Math.Exp(logits[k] - largest) / sum);
        }

        return Math.Log(sum) + largest - logits[label];
    }

    private delegate void FillBatch(int first, int count, Span<float> destination);
}
