using Pellicle.Models;
using Pellicle.Nn;
using Pellicle.Tensors;

namespace Pellicle.Training.Steps;

/// <summary>What the frozen first part of a network gives for the images of a run: kept in memory once computed, or computed anew where that is not allowed.</summary>
/// <remarks>Keeping features changes time and memory only; which images a step draws, and what happens to their gradients, does not depend on it.
/// The scattering transform gives an image the same bits whichever images are computed beside it, so the classifier sees the same numbers
/// either way; the matrix products of other networks may round their last bit differently.</remarks>
internal sealed class FrozenFeatures : IDisposable
{
    private const int BlockImages = 32;

    private readonly FeatureNetwork _network;
    private readonly ModelSpec _spec;
    private readonly TrainingData _data;
    private readonly long[] _shape;
    private readonly Tensor? _kept;
    private readonly bool[] _isKept;

    private FrozenFeatures(FeatureNetwork network, ModelSpec spec, TrainingData data, long limitBytes)
    {
        _network = network;
        _spec = spec;
        _data = data;
        _shape = ShapeOf(network, spec);
        _isKept = new bool[data.TrainingImages];
        NeededBytes = data.TrainingImages * FeaturesPerImage * sizeof(float);
        IsCached = !data.IsAugmented && NeededBytes <= limitBytes;
        if (IsCached)
        {
            _kept = Tensor.Empty(DType.Float32, data.TrainingImages, FeaturesPerImage).Detached(); // pages are taken as they are written
        }
    }

    /// <summary>Shape of one image's features.</summary>
    public IReadOnlyList<long> Shape => _shape;

    /// <summary>Numbers of one image.</summary>
    public long FeaturesPerImage => _shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>Bytes that the features of all images take.</summary>
    public long NeededBytes { get; }

    /// <summary>True if features are kept.</summary>
    public bool IsCached { get; }

    /// <summary>The part that is trained.</summary>
    public Layer Classifier => _network.Classifier;

    /// <summary>Finds the frozen part of a network.</summary>
    /// <param name="model">The network; what is trained has been chosen.</param>
    /// <param name="data">The images.</param>
    /// <param name="limitBytes">Most memory for features.</param>
    /// <returns>Null if the first part is trained, or the network has no such part.</returns>
    public static FrozenFeatures? Of(ImageClassifier model, TrainingData data, long limitBytes) =>
        model.Root is FeatureNetwork { HasFixedFeatures: true } network ? new FrozenFeatures(network, model.Spec, data, limitBytes) : null;

    /// <summary>Features of images of the training list.</summary>
    /// <param name="positions">Positions in the training list.</param>
    /// <param name="views">Number of each view among those of its image, from 0.</param>
    /// <param name="step">Step of training, which decides the augmentation.</param>
    /// <returns>[n, features...], in the caller's scope.</returns>
    public Tensor Of(ReadOnlySpan<int> positions, ReadOnlySpan<int> views, long step)
    {
        using TensorScope scope = TensorScope.Open();
        using GradientMode off = GradientMode.Off();
        if (_kept is null)
        {
            return scope.Keep(Compute(positions, views, step).Reshape([positions.Length, .. _shape]));
        }

        Keep(positions, step);
        Tensor rows = Tensor.From<long>(Array.ConvertAll(positions.ToArray(), position => (long)position), positions.Length);
        return scope.Keep(_kept.IndexSelect(0, rows).Reshape([positions.Length, .. _shape]));
    }

    /// <summary>The images among these that have to be read.</summary>
    /// <param name="positions">Positions in the training list.</param>
    public IReadOnlyList<int> StillNeeded(IReadOnlyList<int> positions) => IsCached ? [.. positions.Where(position => !_isKept[position])] : positions;

    /// <summary>Computes the features of one block of zeros, for estimates of time.</summary>
    /// <returns>Number of images computed.</returns>
    public int ComputeZeros()
    {
        using TensorScope scope = TensorScope.Open();
        using GradientMode off = GradientMode.Off();
        _network.Features(Tensor.Zeros([BlockImages, .. _spec.InputShape]), ForwardContext.Evaluation());
        return BlockImages;
    }

    /// <summary>Frees the features.</summary>
    public void Dispose() => _kept?.Dispose();

    private static long[] ShapeOf(FeatureNetwork network, ModelSpec spec)
    {
        using TensorScope scope = TensorScope.Open();
        using GradientMode off = GradientMode.Off();
        return network.Features(Tensor.Zeros([1, .. spec.InputShape]), ForwardContext.Evaluation()).Shape[1..];
    }

    private void Keep(ReadOnlySpan<int> positions, long step)
    {
        int[] missing = [.. StillNeeded(positions.ToArray()).Distinct()];
        for (int first = 0; first < missing.Length; first += BlockImages)
        {
            using TensorScope scope = TensorScope.Open();
            int[] block = missing[first..Math.Min(first + BlockImages, missing.Length)];
            Tensor features = Compute(block, new int[block.Length], step);
            for (int i = 0; i < block.Length; i++)
            {
                _kept!.Select(0, block[i]).CopyFrom(features.Select(0, i));
                _isKept[block[i]] = true;
            }
        }
    }

    private Tensor Compute(ReadOnlySpan<int> positions, ReadOnlySpan<int> views, long step)
    {
        Tensor all = Tensor.Empty(DType.Float32, positions.Length, FeaturesPerImage);
        for (int first = 0; first < positions.Length; first += BlockImages)
        {
            using TensorScope scope = TensorScope.Open();
            int count = Math.Min(BlockImages, positions.Length - first);
            Tensor images = Tensor.Empty(DType.Float32, [count, .. _spec.InputShape]);
            _data.Fill(positions.Slice(first, count), views.Slice(first, count), step, images.Data<float>());
            Tensor features = _network.Features(images, ForwardContext.Evaluation());
            all.Narrow(0, first, count).CopyFrom(features.Reshape(count, FeaturesPerImage));
        }

        return all;
    }
}
