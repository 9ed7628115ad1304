using Pellicle.Audit.Gradients;
using Pellicle.Audit.Statistics;
using Pellicle.Privacy.Plan;

namespace Pellicle.Audit.Attacks;

/// <summary>Gradient-space audit: gradients of norm C planted into the mechanism, the noised sums projected on them, μ estimated (Nasr et al. 2023).</summary>
public static class GradientAttack
{
    /// <summary>Largest network, in trainable parameters.</summary>
    public const int MostParameters = 100_000;

    /// <summary>Canaries unless the user says otherwise.</summary>
    public const int UsualCanaries = 4000;

    /// <summary>Stated with the result.</summary>
    public const string Assumption =
        "White box: the attacker sees every noised sum, and all other units contribute nothing. Noise, shift and rate of single steps are measured and composed by the accountant, which is trusted for that; scores of whole runs count as normal. The mechanism is that of the run, planned anew, without images.";

    /// <summary>Stated with the result of guesses about the same canaries.</summary>
    public const string GuessAssumption =
        "The coins were fair and independent (secure generator). White box: the attacker sees every noised sum, and all other units contribute nothing.";

    /// <summary>Evaluates both estimates, of single steps and of whole runs, each with half of the error probability, and keeps the larger.</summary>
    /// <param name="canaries">Gradients that went through a mechanism.</param>
    /// <param name="plan">The plan of the mechanism; null for ordinary training.</param>
    /// <param name="delta">Delta of the guarantee, in (0, 1).</param>
    /// <param name="confidence">In (0, 1).</param>
    /// <param name="seconds">Wall-clock seconds to report.</param>
    public static AttackResult Evaluate(GradientCanaries canaries, DpTrainingPlan? plan, double delta, double confidence, double seconds)
    {
        ArgumentNullException.ThrowIfNull(canaries);
        MembershipScores scores = canaries.Membership;
        double each = (1 + confidence) / 2;
        GaussianShiftBound runs = GaussianShiftBound.Of(scores, delta, each);
        double steps = plan is null ? 0 : canaries.Steps.EpsilonLowerBound(plan, delta, each);
        return AttackStatistics.Describe("gradient", scores, Math.Max(runs.EpsilonLowerBound, steps), confidence, Assumption, seconds) with
        {
            Shift = new GaussianShift(canaries.Count, runs.Mu, runs.MuLow, runs.EpsilonLowerBound, canaries.Steps.NoiseRatio, plan is null ? null : steps),
        };
    }

    /// <summary>Evaluates guesses of the coins: a bound for every mechanism, Gaussian or not, and therefore a smaller one.</summary>
    /// <param name="scores">Score of each canary [m].</param>
    /// <param name="included">What its coin said [m].</param>
    /// <param name="delta">Delta of the guarantee, in [0, 1].</param>
    /// <param name="confidence">In (0, 1).</param>
    /// <param name="seconds">Wall-clock seconds to report.</param>
    public static AttackResult EvaluateGuesses(IReadOnlyList<double> scores, IReadOnlyList<bool> included, double delta, double confidence, double seconds)
    {
        ArgumentNullException.ThrowIfNull(scores);
        CanaryGuesses guesses = CanaryGuesses.Strongest(scores, included, delta, confidence);
        var membership = new MembershipScores([.. scores.Where((_, i) => included[i])], [.. scores.Where((_, i) => !included[i])]);
        return AttackStatistics.Describe("canary", membership, guesses.EpsilonLowerBound, confidence, GuessAssumption, seconds) with
        {
            Canaries = new CanarySummary(scores.Count, membership.Members.Count, guesses.Guesses, guesses.Correct, 0, 0, scores.Count),
        };
    }
}
