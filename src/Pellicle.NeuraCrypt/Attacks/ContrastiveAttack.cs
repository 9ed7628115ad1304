using Pellicle.NeuraCrypt.Encoders;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>Trains matchers of two architectures on own keys, end to end → guesswork on the target. The one that does better on a further own key counts.</summary>
internal sealed class ContrastiveAttack : EncodingAttack
{
    public override string Name => "contrastive";

    public override IReadOnlyList<string> AttackerKnows { get; } = ["candidate pictures", "family of the encoder"];

    public override AttackFinding Run(AttackScene scene, AttackTarget target)
    {
        EncoderArchitecture a = scene.Family.Architecture;
        Tensor pictures = RowFeatures.Of(Tensor.Concatenate(0, [.. scene.Gallery.Batches.Select(batch => PrivateEncoder.Patches(batch, a).Reshape(batch.Size(0), a.Patches, -1))]));
        List<Tensor> own = [.. Enumerable.Range(0, scene.Budget.OwnEncoders + 1).Select(_ => UnderOwnKey(scene))];
        Tensor victims = RowFeatures.Of(target.All());
        Tensor noise = RowFeatures.Of(scene.NoiseLike(target).All());
        int[] order = [.. Enumerable.Range(0, scene.Gallery.Count)];
        var stages = new List<AttackStage>();
        var extra = new Dictionary<string, double>();
        (double OnOwn, MatchScore Score, MatchScore Noise)? best = null;
        foreach (ContrastiveNetwork network in Enum.GetValues<ContrastiveNetwork>())
        {
            string name = network.ToString().ToLowerInvariant();
            scene.Progress($"{Name}: {name}");
            using var matcher = new ContrastiveMatcher(network, scene.Seeds);
            extra[$"{name} loss"] = matcher.Train(pictures, own[..^1], scene.Budget.Steps, scene.Seeds);
            MatchScore score = MatchScore.Of(matcher.Costs(victims, pictures), target.Truth);
            double onOwn = MatchScore.Of(matcher.Costs(own[^1], pictures), order).Top1;
            stages.Add(new AttackStage(name, score.AssignmentAccuracy));
            extra[$"{name} guesses"] = score.GuessesToFirstHit;
            extra[$"{name} top1OnOwnKey"] = onOwn;
            if (!(onOwn <= best?.OnOwn))
            {
                best = (onOwn, score, MatchScore.Of(matcher.Costs(noise, pictures), target.Truth));
            }
        }

        return new AttackFinding { Score = best!.Value.Score, Stages = stages, Extra = extra, RandomBits = best.Value.Noise };
    }

    private static Tensor UnderOwnKey(AttackScene scene)
    {
        using TensorScope scope = TensorScope.Open();
        using IRowEncoder own = scene.Family.Draw(scene.Gallery.Batches);
        return scope.Keep(RowFeatures.Of(Tensor.Concatenate(0, [.. scene.Gallery.Batches.Select(batch => own.Encode(batch))])));
    }
}
