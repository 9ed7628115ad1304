using Pellicle.Core.Errors;

namespace Pellicle.Privacy.Accounting;

/// <summary>Finds the noise, or the number of steps, that a budget allows.</summary>
public static class NoiseCalibration
{
    /// <summary>More phases than this are worth a coarse composition before the exact ones.</summary>
    private const int ManyPhases = 4;

    /// <summary>Finds the noise multiplier at which the upper bound lies in (target − tolerance, target], tolerance 0.001 or 1 % of a target below 0.1.</summary>
    /// <remarks>A cheaper accountant (Rényi; for many phases a coarse composition) says where to begin and how steep epsilon is there; from that point
    /// two or three secants on the logarithms end in the window. Where they do not, the answer is bracketed by doubling and halving, then narrowed by
    /// secants with bisection as a safeguard. However it was found, the answer is judged by the accountant itself.</remarks>
    /// <param name="accountant">Judges each candidate; must fit the phases.</param>
    /// <param name="targetEpsilon">Above 0.</param>
    /// <param name="delta">In (0, 1).</param>
    /// <param name="phases">Steps with their noise as a multiple of the answer; at least one step with q above 0.</param>
    /// <param name="spent">What was already done to the same data, or null.</param>
    /// <returns>The multiplier and what the accountant says about it.</returns>
    /// <exception cref="PrivacyBudgetExceededException">The budget spent already exceeds the target.</exception>
    /// <exception cref="UsageException">No noise multiplier reaches the target with this accountant.</exception>
    public static NoiseSearchResult NoiseFor(PrivacyAccountant accountant, double targetEpsilon, double delta, IReadOnlyList<NoisePhase> phases, PrivacyHistory? spent = null)
    {
        ArgumentNullException.ThrowIfNull(accountant);
        ArgumentNullException.ThrowIfNull(phases);
        if (!(targetEpsilon > 0 && double.IsFinite(targetEpsilon)))
        {
            throw new ArgumentOutOfRangeException(nameof(targetEpsilon), targetEpsilon, "The target epsilon must be finite and above 0.");
        }

        if (!phases.Any(p => p.Steps > 0 && p.SampleRate > 0))
        {
            throw new ArgumentException("There is no step to add noise to.", nameof(phases));
        }

        spent ??= PrivacyHistory.Empty;
        ThrowIfSpent(accountant, targetEpsilon, delta, spent);
        var question = new Question(targetEpsilon, delta, phases, spent);
        if (accountant is not PrvAccountant prv)
        {
            return Search(accountant, question, 1, isGuess: false);
        }

        PrivacyAccountant guide = new RdpAccountant(accountant.Relation);
        double start = Search(guide, question, 1, isGuess: true).NoiseMultiplier;
        if (phases.Count > ManyPhases)
        {
            guide = prv.Coarser();
            start = Search(guide, question, start, isGuess: true).NoiseMultiplier;
        }

        return Follow(accountant, guide, question, start) ?? Search(accountant, question, start, isGuess: false);
    }

    /// <summary>Finds how many steps of a plan fit into a budget: the largest count whose epsilon is at most the budget.</summary>
    /// <param name="accountant">Judges each candidate.</param>
    /// <param name="maxEpsilon">The budget.</param>
    /// <param name="delta">In (0, 1).</param>
    /// <param name="historyOf">History after so many steps, including what was spent before; grows with its argument.</param>
    /// <param name="maxSteps">The answer is at most this.</param>
    /// <returns>0 … maxSteps; 0 if not even one step fits.</returns>
    public static long LargestSteps(PrivacyAccountant accountant, double maxEpsilon, double delta, Func<long, PrivacyHistory> historyOf, long maxSteps)
    {
        ArgumentNullException.ThrowIfNull(accountant);
        ArgumentNullException.ThrowIfNull(historyOf);
        double At(long steps) => accountant.Epsilon(historyOf(steps), delta).Epsilon;
        if (maxSteps <= 0)
        {
            return 0;
        }

        long low = 0;
        double lowValue = At(0);
        if (lowValue > maxEpsilon)
        {
            return 0;
        }

        long high = accountant is PrvAccountant ? FirstGuess(new RdpAccountant(accountant.Relation), maxEpsilon, delta, historyOf, maxSteps) : maxSteps;
        double highValue = At(high);
        while (highValue <= maxEpsilon)
        {
            if (high == maxSteps)
            {
                return maxSteps;
            }

            (low, lowValue) = (high, highValue);
            high = Math.Min(maxSteps, high + 1 + high / 5);
            highValue = At(high);
        }

        for (int i = 0; high - low > 1; i++)
        {
            // Secant first: epsilon is smooth in the steps, so a few evaluations suffice; every third is a bisection.
            double fraction = i % 3 == 2 || !double.IsFinite(highValue) ? 0.5 : (maxEpsilon - lowValue) / (highValue - lowValue);
            long middle = Math.Clamp(low + (long)Math.Round((high - low) * fraction), low + 1, high - 1);
            double value = At(middle);
            if (value <= maxEpsilon)
            {
                (low, lowValue) = (middle, value);
            }
            else
            {
                (high, highValue) = (middle, value);
            }
        }

        return low;
    }

    /// <summary>Where numerical composition starts: at the end if the Rényi answer says that this is near the budget, otherwise at the Rényi answer itself.</summary>
    /// <remarks>Composing a history far beyond the budget would cost minutes for nothing.</remarks>
    private static long FirstGuess(RdpAccountant rdp, double maxEpsilon, double delta, Func<long, PrivacyHistory> historyOf, long maxSteps) =>
        rdp.Epsilon(historyOf(maxSteps), delta).Epsilon <= 2 * maxEpsilon
            ? maxSteps
            : Math.Max(1, LargestSteps(rdp, maxEpsilon, delta, historyOf, maxSteps));

    private static void ThrowIfSpent(PrivacyAccountant accountant, double targetEpsilon, double delta, PrivacyHistory spent)
    {
        double already = spent.Steps == 0 ? 0 : accountant.Epsilon(spent, delta).Epsilon;
        if (already >= targetEpsilon)
        {
            throw new PrivacyBudgetExceededException(
                FormattableString.Invariant($"the budget is spent: earlier runs on this data cost epsilon {already:0.####} at delta {delta:R}, the target is {targetEpsilon}."),
                "Raise --target-epsilon above what is spent, or stop using this data.");
        }
    }

    /// <summary>Walks into the window along the slope of the cheaper accountant, then along secants; null where a few evaluations do not lead there.</summary>
    private static NoiseSearchResult? Follow(PrivacyAccountant accountant, PrivacyAccountant guide, Question question, double start)
    {
        double aim = question.Target - 0.5 * question.Tolerance;
        double noise = start;
        double slope = Math.Log(question.At(guide, 1.02 * start).Epsilon / question.At(guide, start).Epsilon) / Math.Log(1.02);
        (double Noise, double Epsilon) former = default;
        for (int evaluations = 1; evaluations <= 6; evaluations++)
        {
            EpsilonResult result = question.At(accountant, noise);
            if (result.Epsilon <= question.Target && result.Epsilon > question.Target - question.Tolerance)
            {
                return new NoiseSearchResult(noise, result) { Evaluations = evaluations };
            }

            slope = evaluations == 1 ? slope : Math.Log(result.Epsilon / former.Epsilon) / Math.Log(noise / former.Noise);
            if (!(slope < 0) || !double.IsFinite(result.Epsilon) || result.Epsilon <= 0)
            {
                return null;
            }

            former = (noise, result.Epsilon);
            noise *= Math.Exp(Math.Clamp(Math.Log(aim / result.Epsilon) / slope, -0.7, 0.7));
        }

        return null;
    }

    private static NoiseSearchResult Search(PrivacyAccountant accountant, Question question, double start, bool isGuess)
    {
        double target = question.Target;
        double tolerance = isGuess ? 0.05 * target : question.Tolerance;
        int evaluations = 0;
        EpsilonResult At(double noise)
        {
            evaluations++;
            return question.At(accountant, noise);
        }

        double high = start;
        EpsilonResult highResult = At(high);
        double low = high;
        double lowValue = highResult.Epsilon;
        double step = isGuess || start == 1 ? 2 : 1.25;
        while (highResult.Epsilon > target)
        {
            (low, lowValue) = (high, highResult.Epsilon);
            high *= step;
            step = Math.Min(2, step * 1.2);
            if (high > 1e7)
            {
                return isGuess ? new NoiseSearchResult(start, highResult) : throw Unreachable(accountant, target, question.Delta, highResult.Epsilon);
            }

            highResult = At(high);
        }

        while (lowValue <= target)
        {
            if (lowValue > target - tolerance)
            {
                return new NoiseSearchResult(low, At(low)) { Evaluations = evaluations };
            }

            (high, highResult) = (low, low == high ? highResult : At(low));
            low /= step;
            step = Math.Min(2, step * 1.2);
            lowValue = low < 1e-3 ? double.PositiveInfinity : At(low).Epsilon;
        }

        for (int i = 0; i < 200 && highResult.Epsilon <= target - tolerance && high - low > 1e-13 * high; i++)
        {
            double middle = Candidate(low, lowValue, high, highResult.Epsilon, target - 0.5 * tolerance, i);
            EpsilonResult result = At(middle);
            if (result.Epsilon <= target)
            {
                (high, highResult) = (middle, result);
            }
            else
            {
                (low, lowValue) = (middle, result.Epsilon);
            }
        }

        return new NoiseSearchResult(high, highResult) { Evaluations = evaluations };
    }

    private static double Candidate(double low, double lowValue, double high, double highValue, double aim, int round)
    {
        double middle = Math.Sqrt(low * high);
        if (round % 3 == 2 || !double.IsFinite(lowValue) || highValue <= 0)
        {
            return middle;
        }

        double slope = Math.Log(lowValue / highValue);
        double secant = high * Math.Exp(Math.Log(low / high) * Math.Log(aim / highValue) / slope);
        return secant > low && secant < high ? secant : middle;
    }

    private static UsageException Unreachable(PrivacyAccountant accountant, double target, double delta, double best) => new(
        FormattableString.Invariant($"no noise multiplier reaches epsilon {target} at delta {delta:R} with the {accountant.Name} accountant; even very large noise gives {best:0.####}."),
        "Raise --target-epsilon or --delta, add higher orders with --orders, or use --accountant prv.");

    /// <summary>What is searched: the noise at which these phases, after what was spent, cost the target.</summary>
    private sealed record Question(double Target, double Delta, IReadOnlyList<NoisePhase> Phases, PrivacyHistory Spent)
    {
        public double Tolerance => Math.Min(0.001, 0.01 * Target);

        public EpsilonResult At(PrivacyAccountant accountant, double noise) =>
            accountant.Epsilon(Spent.Append(PrivacyHistory.Of(Phases.Select(p => p.At(noise)))), Delta);
    }
}

/// <summary>The answer of a noise search.</summary>
/// <param name="NoiseMultiplier">Standard deviation divided by the clipping bound, for phases of factor 1.</param>
/// <param name="Result">What the accountant says about the whole history at that noise.</param>
public sealed record NoiseSearchResult(double NoiseMultiplier, EpsilonResult Result)
{
    /// <summary>How many noise multipliers the accountant itself judged: the cost of the search.</summary>
    public int Evaluations { get; init; }
}
