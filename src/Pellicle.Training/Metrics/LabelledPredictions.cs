using Pellicle.Core.Errors;

namespace Pellicle.Training.Metrics;

/// <summary>True labels beside predicted probabilities of n images: the input of every metric.</summary>
public sealed class LabelledPredictions
{
    /// <summary>Checks and keeps the arrays; they are not copied.</summary>
    /// <param name="labels">True classes [n], each in 0 … K−1; n may be 0.</param>
    /// <param name="probabilities">Class probabilities [n, K], row by row, each in [0, 1].</param>
    /// <param name="classes">K, at least 1.</param>
    /// <param name="losses">Cross-entropy of each image [n] in nats as the model computed it; without it the loss comes from the probabilities.</param>
    /// <param name="patients">Patient of each image [n]; intervals resample patients if every image has one.</param>
    /// <exception cref="ArgumentException">Lengths disagree, or a label is out of range.</exception>
    /// <exception cref="DataFormatException">A probability is NaN, negative or above 1: the model has diverged.</exception>
    public LabelledPredictions(IReadOnlyList<int> labels, IReadOnlyList<float> probabilities, int classes, IReadOnlyList<double>? losses = null, IReadOnlyList<string?>? patients = null)
    {
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(probabilities);
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        long expected = (long)labels.Count * classes;
        if (probabilities.Count != expected)
        {
            throw new ArgumentException($"expected {labels.Count} x {classes} = {expected} probabilities, got {probabilities.Count}", nameof(probabilities));
        }

        if (losses is not null && losses.Count != labels.Count)
        {
            throw new ArgumentException($"expected {labels.Count} losses, got {losses.Count}", nameof(losses));
        }

        if (patients is not null && patients.Count != labels.Count)
        {
            throw new ArgumentException($"expected {labels.Count} patients, got {patients.Count}", nameof(patients));
        }

        for (int i = 0; i < labels.Count; i++)
        {
            if ((uint)labels[i] >= (uint)classes)
            {
                throw new ArgumentException($"label {labels[i]} of image {i} is outside 0 … {classes - 1}", nameof(labels));
            }
        }

        for (int i = 0; i < probabilities.Count; i++)
        {
            // A softmax in float32 may exceed 1 by rounding.
            if (!(probabilities[i] >= 0 && probabilities[i] <= 1.0001f))
            {
                throw new DataFormatException(
                    $"the model gives probability {probabilities[i]} for class {i % classes} of image {i / classes}; expected a number in [0, 1].",
                    "The model has diverged (lower --lr, or clip gradients) or its file is damaged; train again or give another model.");
            }
        }

        Labels = labels;
        Probabilities = probabilities;
        Classes = classes;
        Losses = losses;
        Patients = patients;
    }

    /// <summary>True classes [n].</summary>
    public IReadOnlyList<int> Labels { get; }

    /// <summary>Class probabilities [n, K], row by row.</summary>
    public IReadOnlyList<float> Probabilities { get; }

    /// <summary>Number of classes K.</summary>
    public int Classes { get; }

    /// <summary>Cross-entropy of each image in nats [n], or null.</summary>
    public IReadOnlyList<double>? Losses { get; }

    /// <summary>Patient of each image [n], or null.</summary>
    public IReadOnlyList<string?>? Patients { get; }

    /// <summary>Number of images n.</summary>
    public int Count => Labels.Count;

    /// <summary>True if every image has a patient, so that intervals resample patients.</summary>
    public bool HasPatients => Patients is not null && Count > 0 && Patients.All(patient => !string.IsNullOrEmpty(patient));

    /// <summary>Probability of one class for one image.</summary>
    /// <param name="image">0 … n−1.</param>
    /// <param name="label">0 … K−1.</param>
    public double Probability(int image, int label) => Probabilities[image * Classes + label];

    /// <summary>The chosen images, in the given order.</summary>
    /// <param name="images">Indices 0 … n−1; may be empty.</param>
    public LabelledPredictions Subset(IReadOnlyList<int> images)
    {
        ArgumentNullException.ThrowIfNull(images);
        var probabilities = new float[images.Count * Classes];
        for (int i = 0; i < images.Count; i++)
        {
            for (int k = 0; k < Classes; k++)
            {
                probabilities[i * Classes + k] = Probabilities[images[i] * Classes + k];
            }
        }

        return new LabelledPredictions(
            [.. images.Select(i => Labels[i])],
            probabilities,
            Classes,
            Losses is null ? null : [.. images.Select(i => Losses[i])],
            Patients is null ? null : [.. images.Select(i => Patients[i])]);
    }

    /// <summary>Predicted class of one image: the most probable (the first at a tie), or, with a threshold and K = 2, class 1 if its probability reaches the threshold.</summary>
    /// <param name="image">0 … n−1.</param>
    /// <param name="threshold">In (0, 1), for two classes only; null takes the most probable class.</param>
    public int Predicted(int image, double? threshold)
    {
        if (threshold is { } limit && Classes == 2)
        {
            return Probability(image, 1) >= limit ? 1 : 0;
        }

        int best = 0;
        for (int k = 1; k < Classes; k++)
        {
            if (Probability(image, k) > Probability(image, best))
            {
                best = k;
            }
        }

        return best;
    }
}
