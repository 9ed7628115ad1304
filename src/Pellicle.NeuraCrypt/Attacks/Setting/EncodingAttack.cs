namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>One attack on encodings. It sees candidates and encodings, and knows the family; the truth serves for scoring only.</summary>
internal abstract class EncodingAttack
{
    /// <summary>Such as "fingerprint".</summary>
    public abstract string Name { get; }

    /// <summary>What an attacker needs for it.</summary>
    public abstract IReadOnlyList<string> AttackerKnows { get; }

    /// <summary>True for attacks that must fail: they have no part in the rating.</summary>
    public virtual bool IsControl => false;

    /// <summary>True if what it finds does not depend on the key, so that one target is enough.</summary>
    public virtual bool RunsOnce => false;

    /// <summary>Runs it on the encodings of one key.</summary>
    /// <param name="scene">Gallery, family, budget.</param>
    /// <param name="target">Encodings with the truth.</param>
    public abstract AttackFinding Run(AttackScene scene, AttackTarget target);
}
