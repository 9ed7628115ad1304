using Pellicle.Core.Random;
using Pellicle.Privacy.Sampling;

namespace Pellicle.Training.Steps;

/// <summary>Batches that draw groups equally often, with replacement: a hospital, then a class in it, then one of its images. An epoch has as many draws as there are images.</summary>
/// <remarks>Drawing one of K classes and then one of its images gives each image the weight 1/(K · images of its class), as the reference's sampler.</remarks>
public sealed class BalancedBatches
{
    private readonly int[][][] _groups;
    private readonly int _images;
    private readonly int _batch;
    private readonly ISeededRandom _random;

    private BalancedBatches(int[][][] groups, int images, int batch, ISeededRandom random)
    {
        _groups = groups;
        _images = images;
        _batch = batch;
        _random = random;
    }

    /// <summary>Groups the images of a training list.</summary>
    /// <param name="data">The list.</param>
    /// <param name="bySource">Hospitals equally often; otherwise images as they are.</param>
    /// <param name="byClass">Classes equally often within a hospital, or over all; otherwise images as they are.</param>
    /// <param name="batch">Images of a step, at least 1.</param>
    /// <param name="random">Source of the draws.</param>
    public static BalancedBatches Of(TrainingData data, bool bySource, bool byClass, int batch, ISeededRandom random)
    {
        IEnumerable<int> positions = Enumerable.Range(0, data.TrainingImages);
        int[][][] groups = [.. positions
            .GroupBy(position => bySource ? data.SourceOf(position) : 0).OrderBy(source => source.Key)
            .Select(source => source.GroupBy(position => byClass ? data.LabelOf(position) : 0).OrderBy(label => label.Key).Select(label => label.ToArray()).ToArray())];
        return new BalancedBatches(groups, data.TrainingImages, Math.Min(batch, data.TrainingImages), random);
    }

    /// <summary>The batch of a step, a function of seed and step only. The last batch of an epoch may be smaller.</summary>
    /// <param name="step">1 for the first.</param>
    public SampledBatch Sample(long step)
    {
        long perEpoch = (_images + _batch - 1) / _batch;
        int start = (int)((step - 1) % perEpoch) * _batch;
        ISeededRandom random = _random.Derive("balanced", (ulong)step);
        int[] chosen = [.. Enumerable.Range(0, Math.Min(_batch, _images - start)).Select(_ => One(One(One(_groups, random), random), random))];
        int[] draws = [.. Enumerable.Range(0, chosen.Length)]; // an image drawn twice counts twice
        return new SampledBatch(draws, chosen, draws);
    }

    private static T One<T>(T[] items, ISeededRandom random) => items[random.NextInt(items.Length)];
}
