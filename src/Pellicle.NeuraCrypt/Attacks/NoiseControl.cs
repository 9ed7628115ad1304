namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>Control: the attacker's encoder is fed normal noise in place of the candidate pictures; what then is found is found by accident.</summary>
internal sealed class NoiseControl : EncodingAttack
{
    public override string Name => "noise";

    public override bool IsControl => true;

    public override IReadOnlyList<string> AttackerKnows { get; } = ["family of the encoder"];

    public override AttackFinding Run(AttackScene scene, AttackTarget target)
    {
        IReadOnlyList<Fingerprint> candidates = scene.Each(pictures => Fingerprint.Of(scene.Own.Encode(GaussianTensor.Draw(scene.Seeds, 0, 1, pictures.Shape))));
        return new AttackFinding { Score = FingerprintAttack.Match(target.Each(Fingerprint.Of), candidates, target.Truth)[^1].Score };
    }
}
