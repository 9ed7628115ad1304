namespace Pellicle.Mpc.Core;

/// <summary>Against whom a protocol protects. Printed by every command that uses it.</summary>
/// <param name="Corruption">What a corrupted party may do.</param>
/// <param name="HonestMajority">True if at most one of the three parties may be corrupted.</param>
/// <param name="Text">The guarantee and its limits in words.</param>
public sealed record ThreatModel(Corruption Corruption, bool HonestMajority, string Text)
{
    /// <summary>Three servers that follow the program; one of them may be curious.</summary>
    public static ThreatModel OneCuriousServer { get; } = new(
        Corruption.SemiHonest,
        HonestMajority: true,
        "No single server sees the image, the weights or the result, if at most one of the three servers is curious and all follow the program. "
        + "Two servers that pool their data see everything; a server that cheats can spoil the result. "
        + "Known to all: layer types and shapes, scales and sign widths, protocol, batch size, number and time of requests. "
        + "Research use, not a medical device.");

    /// <summary>Two servers that hold shares and a third one that helps; all follow the program, and one of them may be curious.</summary>
    public static ThreatModel OneCuriousServerOfTwoAndHelper { get; } = new(
        Corruption.SemiHonest,
        HonestMajority: true,
        "No single server sees the image, the weights or the result, if at most one of the three servers is curious and all follow the program: two hold shares, the third helps and holds none. "
        + "Two servers that pool their data see everything; a server that cheats can spoil the result, and nothing is held twice by which it would show. "
        + "Rounding can spoil a value with a small probability, which the plan states. "
        + "Known to all: layer types and shapes, scales and sign widths, protocol, batch size, number and time of requests. "
        + "Research use, not a medical device.");

    /// <summary>Two servers that hold shares and a third one that prepares material and receives nothing; all follow the program, and one of them may be curious.</summary>
    public static ThreatModel OneCuriousServerOfTwoAndPreparer { get; } = new(
        Corruption.SemiHonest,
        HonestMajority: true,
        "No single server sees the image, the weights or the result, if at most one of the three servers is curious and all follow the program: two hold shares and values opened under masks, "
        + "the third prepares random numbers for them and receives nothing from them. "
        + "Two servers that pool their data see everything, the third one and one of the others included; a server that cheats can spoil the result, and nothing is held twice by which it would show. "
        + "Known to all: layer types and shapes, scales and sign widths, protocol, batch size, number and time of requests. "
        + "Research use, not a medical device.");

    /// <summary>No protection: one process computes in the clear.</summary>
    public static ThreatModel None { get; } = new(
        Corruption.None,
        HonestMajority: false,
        "No protection: 'plain' computes in the clear, as a reference for the other protocols.");
}

/// <summary>What a corrupted party may do.</summary>
public enum Corruption
{
    /// <summary>There is nobody to protect against: everything is in the clear.</summary>
    None,

    /// <summary>It follows the program and looks at everything it sees.</summary>
    SemiHonest,
}
