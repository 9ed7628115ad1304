namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>Finds pictures without training: draw any encoder of the family → fingerprints of both sides → costs → match.</summary>
/// <remarks>Needs no key and no training, so every attacker with candidate pictures can do it.</remarks>
internal sealed class FingerprintAttack : EncodingAttack
{
    public override string Name => "fingerprint";

    public override IReadOnlyList<string> AttackerKnows { get; } = ["candidate pictures", "family of the encoder"];

    public override AttackFinding Run(AttackScene scene, AttackTarget target)
    {
        IReadOnlyList<(string Name, MatchScore Score)> scores = Match(target.Each(Fingerprint.Of), scene.Fingerprints, target.Truth);
        return new AttackFinding { Score = scores[^1].Score, Stages = [.. scores.Select(s => new AttackStage(s.Name, s.Score.AssignmentAccuracy))] };
    }

    /// <summary>Scores of the single costs and, last, of their sum.</summary>
    public static IReadOnlyList<(string Name, MatchScore Score)> Match(IReadOnlyList<Fingerprint> victims, IReadOnlyList<Fingerprint> candidates, IReadOnlyList<int> truth) =>
        [.. FingerprintCosts.Of(victims, candidates).Select(cost => (cost.Name, MatchScore.Of(cost.Cost, truth)))];
}
