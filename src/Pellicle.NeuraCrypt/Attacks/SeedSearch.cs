namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>States how many keys an attacker who knows the generator would have to try; nothing is searched.</summary>
/// <param name="keyBits">256 for derived keys; 32 for imported weights of the reference, whose generator has no more.</param>
internal sealed class SeedSearch(int keyBits) : EncodingAttack
{
    public override string Name => "seed-search";

    public override IReadOnlyList<string> AttackerKnows { get; } = ["generator of the weights"];

    public override bool RunsOnce => true;

    public override AttackFinding Run(AttackScene scene, AttackTarget target) => new() { Extra = new Dictionary<string, double> { ["keyBits"] = keyBits } };
}
