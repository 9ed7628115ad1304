using Pellicle.NeuraCrypt.Encoders;
using Pellicle.NeuraCrypt.Keys;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>A target whose rows were brought into the order of the patches, so that picture–encoding pairs can be learned from row by row.</summary>
/// <remarks>The order comes from all encodings and candidates together, no pair is needed for it. The linear encoder has no positions to tell rows apart by; there
/// the mean row of an image, which is the same linear map of its mean patch, takes the place of the rows.</remarks>
internal sealed class KnownPairs
{
    private readonly AttackScene _scene;
    private readonly EncoderArchitecture _architecture;

    public KnownPairs(AttackScene scene, AttackTarget target)
    {
        using GradientMode off = GradientMode.Off();
        using TensorScope scope = TensorScope.Open();
        _scene = scene;
        _architecture = scene.Family.Architecture with { Normalisation = EncoderNormalisation.Frozen };
        Rows = scope.Keep(IsLinear ? target.All().Mean(1, keep: true) : InOrder(scene, target));
    }

    /// <summary>[N, P, hidden]; P is 1 for the linear kind.</summary>
    public Tensor Rows { get; }

    /// <summary>True if only means are compared.</summary>
    public bool IsLinear => _architecture.Kind == EncoderKind.Linear;

    /// <summary>Learns an encoder from pairs; the caller disposes it.</summary>
    /// <param name="pictures">Pictures of the gallery.</param>
    /// <param name="encodings">Rows of the target that they are said to have.</param>
    /// <param name="rowsShuffled">True shuffles the rows again: pictures of one kind share their anatomy, so that even another picture's rows teach something.</param>
    public IRowEncoder Learn(IReadOnlyList<int> pictures, IReadOnlyList<int> encodings, bool rowsShuffled = false)
    {
        using GradientMode off = GradientMode.Off();
        using TensorScope scope = TensorScope.Open();
        Tensor known = _scene.Gallery.Pictures(pictures);
        Tensor rows = rowsShuffled ? RowShuffle.Apply(Take(encodings), _ => PatchShuffle.Draw((int)Rows.Size(1), _scene.Random)) : Take(encodings);
        if (IsLinear)
        {
            return MeanEncoder.Fit(known, rows, _architecture);
        }

        using PrivateEncoder start = new NeuraCryptFamily(_architecture, _scene.Random).Draw(_scene.Gallery.Batches);
        return EncoderClone.Fit(start, known, rows, _scene.Budget.CloneSteps, _scene.Seeds);
    }

    /// <summary>Predicted encodings of pictures, [n, P, hidden], of the caller's scope.</summary>
    public Tensor Predict(IRowEncoder learned, IReadOnlyList<int> pictures)
    {
        using TensorScope scope = TensorScope.Open();
        return scope.Keep(Tensor.Concatenate(0, [.. pictures.Chunk(AttackGallery.BatchImages).Select(chunk => learned.Encode(_scene.Gallery.Pictures(chunk)))]));
    }

    /// <summary>Some encodings, [n, P, hidden], of the caller's scope.</summary>
    public Tensor Take(IReadOnlyList<int> encodings) => Rows.IndexSelect(0, Tensor.From<long>([.. encodings.Select(i => (long)i)], encodings.Count));

    private static Tensor InOrder(AttackScene scene, AttackTarget target)
    {
        Tensor aligned = ShuffleUndoing.Align(target.All());
        int[] order;
        using (TensorScope inner = TensorScope.Open())
        {
            Tensor own = Tensor.Concatenate(0, [.. scene.Gallery.First(target.Count).Batches.Select(scene.Own.Encode)]);
            order = PositionAlignment.Find(aligned, own);
        }

        return aligned.IndexSelect(1, Tensor.From<long>(Array.ConvertAll(order, row => (long)row), order.Length));
    }
}
