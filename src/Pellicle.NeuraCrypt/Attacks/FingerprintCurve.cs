using Pellicle.NeuraCrypt.Encoders;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>The fingerprint attack against galleries of growing size: everything is encoded once, and the smaller galleries are parts of the largest.</summary>
internal static class FingerprintCurve
{
    /// <summary>Measures it under one key.</summary>
    /// <param name="victim">The encoder attacked, under a key that the attacker does not have.</param>
    /// <param name="gallery">At least as many pictures as the largest size.</param>
    /// <param name="sizes">In any order.</param>
    /// <param name="scene">For generators and messages.</param>
    /// <param name="keepsOrder">True if the release leaves the rows of a picture in their order.</param>
    /// <param name="cancellation">Looked at between batches.</param>
    public static IReadOnlyList<CurvePoint> Measure(IRowEncoder victim, AttackGallery gallery, IReadOnlyList<int> sizes, AttackScene scene, bool keepsOrder, CancellationToken cancellation)
    {
        AttackTarget target = AttackTarget.Of("key 1", victim, gallery, gallery.Count, scene.Random, keepsOrder);
        var victims = new List<Fingerprint>();
        var own = new Fingerprint[gallery.Count];
        for (int chunk = 0; chunk < target.Chunks; chunk++)
        {
            cancellation.ThrowIfCancellationRequested();
            scene.Progress($"curve: {chunk * AttackTarget.ChunkImages} of {gallery.Count} pictures");
            using GradientMode off = GradientMode.Off();
            using TensorScope scope = TensorScope.Open();
            victims.AddRange(Fingerprint.Of(target.Read(chunk)));
            IReadOnlyList<Fingerprint> candidates = Fingerprint.Of(scene.Own.Encode(gallery.Batches[chunk]));
            for (int i = 0; i < candidates.Count; i++)
            {
                own[(chunk * AttackTarget.ChunkImages) + i] = candidates[i];
            }
        }

        return [.. sizes.Distinct().Order().Select(size =>
        {
            int[] candidates = [.. target.Truth.Take(size).Order()];
            double[,] cost = FingerprintCosts.Of([.. victims.Take(size)], [.. candidates.Select(i => own[i])])[^1].Cost;
            MatchScore score = MatchScore.Of(cost, [.. target.Truth.Take(size).Select(i => Array.BinarySearch(candidates, i))]);
            return new CurvePoint(size, score.Top1, score.Top1Interval, score.AssignmentAccuracy, score.MedianRank);
        })];
    }
}
