namespace Pellicle.Cli.Parsing;

/// <summary>Commands that the product has in its plan but this version does not have yet.</summary>
internal static class LaterVerbs
{
    private static readonly string[] Verbs =
        ["serve"];

    /// <summary>The later command that the words name, or null.</summary>
    /// <param name="words">Words as typed, without options.</param>
    public static string? Find(IReadOnlyList<string> words) =>
        Array.Find(Verbs, verb => string.Join(' ', words.Take(verb.Count(c => c == ' ') + 1)) == verb);
}
