namespace Pellicle.Viewmaker;

/// <summary>What every command of this leg says about obfuscated images.</summary>
public static class HonestWording
{
    /// <summary>The sentence of reports.</summary>
    public const string FirstSentence = "This is learned obfuscation. It is not differential privacy; another attacker, more data or the generator itself may recover the attribute.";

    /// <summary>All sentences, in order.</summary>
    public static IReadOnlyList<string> Sentences { get; } =
    [
        FirstSentence,
        "There is no formal guarantee. The figures are what these attackers reached on this data; they are a floor on what an attacker can do.",
        "Text burned into pixels is not detected. Not for diagnosis: research use, not a medical device.",
    ];

    /// <summary>All sentences as one paragraph.</summary>
    public static string Paragraph { get; } = string.Join(' ', Sentences);
}
