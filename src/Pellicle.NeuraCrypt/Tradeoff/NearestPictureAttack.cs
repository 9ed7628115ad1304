using Pellicle.NeuraCrypt.Attacks;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Tradeoff;

/// <summary>For releases without key that keep the order of patches: the nearest candidate picture by squared distance. Optimal against Gaussian noise.</summary>
internal sealed class NearestPictureAttack : EncodingAttack
{
    public override string Name => "nearest";

    public override IReadOnlyList<string> AttackerKnows { get; } = ["candidate pictures"];

    public override AttackFinding Run(AttackScene scene, AttackTarget target)
    {
        var plain = new PlainFamily(scene.Family.Architecture);
        Tensor candidates = Tensor.Concatenate(0, [.. scene.Gallery.Batches.Select(batch => plain.Draw([]).Encode(batch))]);
        return new AttackFinding
        {
            Score = MatchScore.Of(RowDistances.Of(target.All(), candidates), target.Truth),
            RandomBits = MatchScore.Of(RowDistances.Of(scene.NoiseLike(target).All(), candidates), target.Truth),
        };
    }
}
