namespace Pellicle.NeuraCrypt.Challenges;

/// <summary><c>answers.json</c> of the secret folder.</summary>
/// <param name="ChallengeHash">SHA-256 of the public <c>challenge.json</c>, hex: answers of another challenge are refused.</param>
/// <param name="EncodingOf">Task 1: id of the encoding of each picture.</param>
/// <param name="Means">Task 2: mean encoded row of each target.</param>
internal sealed record ChallengeAnswers(string ChallengeHash, IReadOnlyDictionary<string, string> EncodingOf, IReadOnlyList<float[]> Means)
{
    public const string FileName = "answers.json";

    /// <summary>Counts only.</summary>
    public override string ToString() => $"ChallengeAnswers ({EncodingOf.Count} pictures, {Means.Count} targets)";
}
