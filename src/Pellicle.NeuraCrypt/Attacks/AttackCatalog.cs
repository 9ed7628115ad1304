namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>The attacks by name, in the order of the documentation.</summary>
public static class AttackCatalog
{
    private static readonly (string Name, Func<int, EncodingAttack> Make)[] All =
    [
        ("fingerprint", _ => new FingerprintAttack()),
        ("matching", _ => new MatchingAttack()),
        ("mmd", _ => new MmdAttack()),
        ("gan", _ => new GanAttack()),
        ("known-plaintext", _ => new KnownPlaintextAttack()),
        ("wrong-pairs", _ => new KnownPlaintextAttack(wrong: true)),
        ("noise", _ => new NoiseControl()),
        ("transfer", _ => new TransferAttack()),
        ("contrastive", _ => new ContrastiveAttack()),
        ("inversion", _ => new InversionAttack()),
        ("attribute", _ => new AttributeAttack()),
        ("seed-search", keyBits => new SeedSearch(keyBits)),
    ];

    /// <summary>All names.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(attack => attack.Name)];

    /// <summary>Makes attacks, in the order of the catalogue and each once.</summary>
    /// <param name="names">Some of <see cref="Names"/>.</param>
    /// <param name="keyBits">Entropy of the keys attacked.</param>
    internal static IReadOnlyList<EncodingAttack> Make(IReadOnlyCollection<string> names, int keyBits) =>
        [.. All.Where(attack => names.Contains(attack.Name)).Select(attack => attack.Make(keyBits))];
}
