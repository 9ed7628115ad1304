using Pellicle.NeuraCrypt.Encoders;
using Pellicle.NeuraCrypt.Keys;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>A target whose rows were brought into the order of the patches, so that picture–encoding pairs can be learned from row by row.</summary>
/// <remarks>The order comes from all encodings and candidates together and from the known pairs, and is improved by what the learned encoder predicts for them. The linear encoder has no positions to tell rows apart by; there
/// the mean row of an image, which is the same linear map of its mean patch, takes the place of the rows.</remarks>
internal sealed class KnownPairs
{
    private const int Rounds = 3;

    private readonly AttackScene _scene;
    private readonly EncoderArchitecture _architecture;
    private readonly AttackTarget _target;
    private readonly Tensor _aligned;
    private int[] _order;

    public KnownPairs(AttackScene scene, AttackTarget target)
    {
        using GradientMode off = GradientMode.Off();
        using TensorScope scope = TensorScope.Open();
        _scene = scene;
        _architecture = scene.Family.Architecture with { Normalisation = EncoderNormalisation.Frozen };
        _target = target;
        _aligned = scope.Keep(IsLinear ? target.All().Mean(1, keep: true) : ShuffleUndoing.Align(target.All()));
        _order = [.. Enumerable.Range(0, (int)_aligned.Size(1))];
    }

    /// <summary>True if only means are compared.</summary>
    public bool IsLinear => _architecture.Kind == EncoderKind.Linear;

    /// <summary>Learns an encoder from the first pairs of the target, and finds the order of the rows on the way; the caller disposes it.</summary>
    /// <param name="known">Number of pairs, at least 1.</param>
    /// <param name="wrong">True pairs each encoding with the next picture, rows shuffled again: pictures of one kind share their anatomy, so that even another picture's rows
    /// would teach something.</param>
    public IRowEncoder Learn(int known, bool wrong = false)
    {
        using GradientMode off = GradientMode.Off();
        using TensorScope scope = TensorScope.Open();
        int[] pairs = [.. Enumerable.Range(0, known)];
        Tensor pictures = _scene.Gallery.Pictures(pairs.Select(i => _target.Truth[wrong ? (i + 1) % known : i]));
        if (IsLinear)
        {
            return MeanEncoder.Fit(pictures, Take(pairs), _architecture);
        }

        _order = FirstOrder(wrong ? 0 : known);
        using PrivateEncoder start = new NeuraCryptFamily(_architecture, _scene.Random).Draw(_scene.Gallery.Batches);
        if (wrong)
        {
            return EncoderClone.Fit(start, pictures, RowShuffle.Apply(Take(pairs), _ => PatchShuffle.Draw(_architecture.Patches, _scene.Random)), _scene.Budget.CloneSteps, _scene.Seeds);
        }

        for (int round = 0; round < Rounds; round++)
        {
            using TrainableEncoder draft = EncoderClone.Fit(start, pictures, Take(pairs), 0, _scene.Seeds);
            _order = BetterOrder(draft, pictures, pairs);
        }

        return EncoderClone.Fit(start, pictures, Take(pairs), _scene.Budget.CloneSteps, _scene.Seeds);
    }

    /// <summary>Predicted encodings of pictures, [n, P, hidden], of the caller's scope.</summary>
    public Tensor Predict(IRowEncoder learned, IReadOnlyList<int> pictures)
    {
        using TensorScope scope = TensorScope.Open();
        return scope.Keep(Tensor.Concatenate(0, [.. pictures.Chunk(AttackGallery.BatchImages).Select(chunk => learned.Encode(_scene.Gallery.Pictures(chunk)))]));
    }

    /// <summary>Some encodings, rows in the order of the patches as far as it is known, [n, P, hidden]; P is 1 for the linear kind. Of the caller's scope.</summary>
    public Tensor Take(IReadOnlyList<int> encodings)
    {
        using TensorScope scope = TensorScope.Open();
        return scope.Keep(Unordered(encodings).IndexSelect(1, Tensor.From<long>(Array.ConvertAll(_order, row => (long)row), _order.Length)));
    }

    private int[] FirstOrder(int known)
    {
        using TensorScope scope = TensorScope.Open();
        int[] pictures = [.. _target.Truth.Take(known)];
        IEnumerable<int> others = Enumerable.Range(0, _scene.Gallery.Count).Except(pictures).Take(_target.Count - known);
        Tensor own = Tensor.Concatenate(0, [.. pictures.Concat(others).Chunk(AttackGallery.BatchImages).Select(chunk => _scene.Own.Encode(_scene.Gallery.Pictures(chunk)))]);
        return PositionAlignment.Find(_aligned, own, known);
    }

    // Squared differences of rows and predictions, summed over the pairs → one assignment.
    private int[] BetterOrder(TrainableEncoder draft, Tensor pictures, int[] pairs)
    {
        using TensorScope scope = TensorScope.Open();
        return Assignment.Solve(RowDistances.Of(draft.Encode(pictures).Transpose(0, 1).Contiguous(), Unordered(pairs).Transpose(0, 1).Contiguous()));
    }

    private Tensor Unordered(IReadOnlyList<int> encodings) => _aligned.IndexSelect(0, Tensor.From<long>([.. encodings.Select(i => (long)i)], encodings.Count));
}
