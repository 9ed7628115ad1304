namespace Pellicle.NeuraCrypt;

/// <summary>What every command of this leg says about encodings.</summary>
/// <remarks>Carlini et al. 2021, arXiv 2108.07256 (the public challenge was solved completely); Carlini et al. 2020, arXiv 2011.05315
/// (instance encoding cannot be private in general).</remarks>
public static class HonestWording
{
    /// <summary>The first sentence, for one-line places.</summary>
    public const string FirstSentence = "These encodings are obfuscated, not anonymous and not encrypted.";

    /// <summary>All sentences, in order.</summary>
    public static IReadOnlyList<string> Sentences { get; } =
    [
        FirstSentence + " Whoever holds candidate pictures can find out which were encoded; a public challenge for this method was solved at 100 %.",
        "Treat the encoded set as personal data: agreements and access control.",
        "One leaked picture–encoding set gives away the key, and with it everything encoded under it.",
        "Shuffle, depth and width do not change this. Labels, counts and order leak too.",
        "The audit is a floor on an attacker's success: these attacks, this budget, this gallery.",
        "For a guarantee use DP training or encrypted prediction.",
    ];

    /// <summary>All sentences as one paragraph.</summary>
    public static string Paragraph { get; } = string.Join(' ', Sentences);
}
