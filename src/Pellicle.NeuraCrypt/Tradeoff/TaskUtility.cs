using Pellicle.NeuraCrypt.Attacks;
using Pellicle.NeuraCrypt.Encoders;
using Pellicle.Tensors;
using Pellicle.Training.Metrics;

namespace Pellicle.NeuraCrypt.Tradeoff;

/// <summary>What a release is good for: the AUC of a plain classifier that sees encodings and labels only.</summary>
/// <remarks>Encodings in a fixed order are taken row by row, shuffled ones by mean and deviation over the rows. A floor: trained networks do better.</remarks>
internal static class TaskUtility
{
    private const int PlainSide = 32;

    /// <summary>Learns on one gallery and judges on another, both under one key.</summary>
    public static (double Auc, Interval Interval) Measure(IEncoderFamily family, AttackGallery train, IReadOnlyList<bool> trainLabels, AttackGallery test, IReadOnlyList<bool> testLabels)
    {
        using TensorScope scope = TensorScope.Open();
        using IRowEncoder encoder = family.Draw(train.Batches);
        using PooledClassifier classifier = PooledClassifier.Fit(Features(family, encoder, train), trainLabels);
        double auc = PooledClassifier.Auc(classifier.Score(Features(family, encoder, test)), testLabels) ?? double.NaN;
        int positives = testLabels.Count(label => label);
        return (auc, AucInterval.Of(auc, positives, testLabels.Count - positives, 0.95));
    }

    private static Tensor Features(IEncoderFamily family, IRowEncoder encoder, AttackGallery gallery)
    {
        EncoderArchitecture a = family.Architecture;
        int side = Math.Min(PlainSide, a.ImageSize);
        return Tensor.Concatenate(0, [.. gallery.Batches.Select(batch =>
        {
            using TensorScope scope = TensorScope.Open();
            Tensor rows = encoder.Encode(batch);
            return scope.Keep(family.KeepsOrder ? PrivateEncoder.Pictures(rows.Reshape(-1, a.PatchValues), a).AdaptiveAveragePool2d(side, side).Reshape(batch.Size(0), -1) : PooledClassifier.Features(rows));
        })]);
    }
}
