using Pellicle.Audit.Canaries;
using Pellicle.Audit.Statistics;

namespace Pellicle.Audit.Attacks;

/// <summary>One-run audit: canaries planted by fair coins, coins guessed from the trained twin (Steinke, Nasr, Jagielski 2023).</summary>
/// <remarks>The score of a canary is its loss under the audited run's model, which never saw it, minus its loss under the twin: how much training on the canary
/// helped. The reference cancels how hard a canary is. It cannot know the coins, so the bound stays valid.</remarks>
public static class CanaryAttack
{
    /// <summary>Stated with the result.</summary>
    public const string Assumption =
        "The coins were fair and independent (secure generator). The bound is of a twin trained with the same settings and canaries added, from its final model alone.";

    /// <summary>Evaluates the attack.</summary>
    /// <param name="canaries">The canaries with their coins [m].</param>
    /// <param name="referenceLosses">Loss of each canary under the audited run's model [m], nats.</param>
    /// <param name="twinLosses">Loss of each canary under the twin [m], nats.</param>
    /// <param name="delta">Delta of the guarantee, in [0, 1].</param>
    /// <param name="confidence">In (0, 1).</param>
    /// <param name="seconds">Wall-clock seconds to report.</param>
    public static AttackResult Evaluate(
        IReadOnlyList<Canary> canaries, IReadOnlyList<double> referenceLosses, IReadOnlyList<double> twinLosses, double delta, double confidence, double seconds)
    {
        ArgumentNullException.ThrowIfNull(canaries);
        double[] scores = ScoreEach(canaries, referenceLosses, twinLosses);
        bool[] included = [.. canaries.Select(canary => canary.IsIncluded)];
        CanaryGuesses guesses = CanaryGuesses.Strongest(scores, included, delta, confidence);
        MembershipScores membership = Split(scores, included);
        return AttackStatistics.Describe("canary", membership, guesses.EpsilonLowerBound, confidence, Assumption, seconds) with
        {
            Canaries = new CanarySummary(
                canaries.Count,
                included.Count(isIncluded => isIncluded),
                guesses.Guesses,
                guesses.Correct,
                canaries.Count(canary => canary.Kind == CanaryKind.Mislabelled),
                canaries.Count(canary => canary.Kind == CanaryKind.Noise)),
        };
    }

    private static MembershipScores Split(double[] scores, bool[] included) =>
        new([.. scores.Where((_, i) => included[i])], [.. scores.Where((_, i) => !included[i])]);

    /// <summary>Scores of the canaries, apart by what their coins said.</summary>
    /// <param name="canaries">The canaries with their coins [m].</param>
    /// <param name="referenceLosses">Loss of each canary under the audited run's model [m], nats.</param>
    /// <param name="twinLosses">Loss of each canary under the twin [m], nats.</param>
    public static MembershipScores Scores(IReadOnlyList<Canary> canaries, IReadOnlyList<double> referenceLosses, IReadOnlyList<double> twinLosses) =>
        Split(ScoreEach(canaries, referenceLosses, twinLosses), [.. canaries.Select(canary => canary.IsIncluded)]);

    private static double[] ScoreEach(IReadOnlyList<Canary> canaries, IReadOnlyList<double> referenceLosses, IReadOnlyList<double> twinLosses) =>
        [.. canaries.Select((_, i) => Score(referenceLosses[i], twinLosses[i]))];

    // A loss beyond 1e6 nats or not a number says only "diverged"; the difference of two such is no evidence.
    private static double Score(double reference, double twin) => Bounded(reference) - Bounded(twin);

    private static double Bounded(double loss) => double.IsNaN(loss) ? 1e6 : Math.Clamp(loss, -1e6, 1e6);
}
