namespace Pellicle.Audit.Statistics;

/// <summary>The auditor's guesses about canaries: "in" for the highest scores, "out" for the lowest, no guess between.</summary>
/// <param name="Canaries">m, all canaries.</param>
/// <param name="Guesses">r, how many were guessed.</param>
/// <param name="Correct">v, how many of the guesses were right.</param>
/// <param name="EpsilonLowerBound">What these guesses exclude (<see cref="OneRunBound"/>).</param>
public sealed record CanaryGuesses(int Canaries, int Guesses, int Correct, double EpsilonLowerBound)
{
    /// <summary>Shares of canaries that are guessed, fixed before any score is seen: a share chosen by the result would make the bound invalid.</summary>
    /// <remarks>Few guesses find a small epsilon with more certainty, many allow a larger bound when all are right. In simulations of the Gaussian mechanism
    /// with 1000 canaries the three together, each tested with a third of the error probability, lose at most 0.15 against the best single one at epsilon 1…16.</remarks>
    public static IReadOnlyList<double> Fractions { get; } = [0.1, 0.4, 1.0];

    /// <summary>Guesses at every share of <see cref="Fractions"/> and keeps the strongest result.</summary>
    /// <remarks>By the union bound each share is tested at 1 − (1 − confidence)/3, so the strongest holds with the stated confidence.</remarks>
    /// <param name="scores">Score of each canary [m], higher means "in"; ties are broken by position, which knows nothing of the coins.</param>
    /// <param name="included">What the coin of each canary said [m].</param>
    /// <param name="delta">Delta of the guarantee, in [0, 1].</param>
    /// <param name="confidence">In (0, 1).</param>
    public static CanaryGuesses Strongest(IReadOnlyList<double> scores, IReadOnlyList<bool> included, double delta, double confidence)
    {
        double each = 1 - (1 - confidence) / Fractions.Count;
        return Fractions.Select(fraction => Make(scores, included, fraction, delta, each)).MaxBy(guesses => guesses.EpsilonLowerBound)!;
    }

    /// <summary>Guesses one share of the canaries, half of the guesses "in" and half "out".</summary>
    /// <param name="scores">Score of each canary [m], higher means "in".</param>
    /// <param name="included">What the coin of each canary said [m].</param>
    /// <param name="fraction">Share of canaries to guess, in (0, 1], fixed before the scores were seen.</param>
    /// <param name="delta">Delta of the guarantee, in [0, 1].</param>
    /// <param name="confidence">In (0, 1).</param>
    public static CanaryGuesses Make(IReadOnlyList<double> scores, IReadOnlyList<bool> included, double fraction, double delta, double confidence)
    {
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentNullException.ThrowIfNull(included);
        if (scores.Count != included.Count)
        {
            throw new ArgumentException($"expected one coin per score: {scores.Count} scores, {included.Count} coins", nameof(included));
        }

        if (!(fraction > 0 && fraction <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(fraction), fraction, "expected a share in (0, 1]");
        }

        int side = (int)(scores.Count * fraction / 2);
        int[] order = [.. Enumerable.Range(0, scores.Count).OrderBy(i => scores[i]).ThenBy(i => i)];
        int correct = order.Take(side).Count(i => !included[i]) + order.TakeLast(side).Count(i => included[i]);
        return new CanaryGuesses(scores.Count, 2 * side, correct, OneRunBound.Epsilon(scores.Count, 2 * side, correct, delta, confidence));
    }
}
