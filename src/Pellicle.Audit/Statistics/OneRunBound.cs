using MathNet.Numerics;

namespace Pellicle.Audit.Statistics;

/// <summary>Lower bound of epsilon from guesses about m canaries of a single training run.</summary>
/// <remarks>Steinke, Nasr, Jagielski 2023, "Privacy auditing with one (1) training run", Thm 5.2 and Appendix D. Each of m canaries was put in or left out by its own
/// fair coin; the auditor guesses r of the coins and is right v times. If training is (ε, δ)-differentially private for adding or removing one canary, then
/// P[V ≥ v] ≤ β + 2mδ·α with β = P[W ≥ v], α = max over i = 1 … v of P[v − i ≤ W &lt; v]/i and W ~ Binomial(r, e^ε/(1 + e^ε)).
/// The guesses may depend on each other in any way; only the coins must be fair and independent.</remarks>
public static class OneRunBound
{
    /// <summary>Upper bound on the probability of at least v right guesses if training is (ε, δ)-private.</summary>
    /// <param name="canaries">m, at least <paramref name="guesses"/>.</param>
    /// <param name="guesses">r, 0 … m.</param>
    /// <param name="correct">v, 0 … r.</param>
    /// <param name="epsilon">Epsilon of the hypothesis, at least 0.</param>
    /// <param name="delta">Delta of the hypothesis, in [0, 1].</param>
    /// <returns>In [0, 1].</returns>
    public static double PValue(int canaries, int guesses, int correct, double epsilon, double delta)
    {
        Check(canaries, guesses, correct, delta);
        ArgumentOutOfRangeException.ThrowIfNegative(epsilon);
        return PValue(LogChoose(guesses), canaries, correct, epsilon, delta);
    }

    // The coefficients do not depend on epsilon: computed once for a whole search.
    private static double PValue(double[] logChoose, int canaries, int correct, double epsilon, double delta)
    {
        if (correct == 0)
        {
            return 1;
        }

        // Logarithms of the success and failure probability: 1 − q underflows to nothing in plain arithmetic for large epsilon.
        int guesses = logChoose.Length - 1;
        double logRight = -LogOnePlusExp(-epsilon);
        double logWrong = -LogOnePlusExp(epsilon);
        double Mass(int k) => Math.Exp(logChoose[k] + k * logRight + (guesses - k) * logWrong);

        double beta = 0;
        for (int k = guesses; k >= correct; k--)
        {
            beta += Mass(k);
        }

        double alpha = 0;
        double below = 0;
        for (int i = 1; i <= correct && delta > 0; i++)
        {
            below += Mass(correct - i);
            alpha = Math.Max(alpha, below / i);
        }

        return Math.Min(1, beta + alpha * delta * 2 * canaries);
    }

    /// <summary>Largest epsilon that the guesses exclude with the given confidence.</summary>
    /// <param name="canaries">m, at least <paramref name="guesses"/>.</param>
    /// <param name="guesses">r, 0 … m, fixed before the scores were seen.</param>
    /// <param name="correct">v, 0 … r.</param>
    /// <param name="delta">Delta of the guarantee, in [0, 1].</param>
    /// <param name="confidence">In (0, 1).</param>
    /// <returns>At least 0; every smaller epsilon has a p-value below 1 − confidence.</returns>
    public static double Epsilon(int canaries, int guesses, int correct, double delta, double confidence)
    {
        Check(canaries, guesses, correct, delta);
        if (!(confidence > 0 && confidence < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(confidence), confidence, "expected a confidence between 0 and 1");
        }

        double error = 1 - confidence;
        double[] logChoose = LogChoose(guesses);
        bool Excluded(double epsilon) => PValue(logChoose, canaries, correct, epsilon, delta) < error;
        if (!Excluded(0))
        {
            return 0;
        }

        // Small strides first: the correction term need not grow with epsilon, and the first crossing is the safe one.
        double low = 0;
        double high = 0.1;
        while (Excluded(high))
        {
            low = high;
            high += 0.1;
        }

        while (high - low > 1e-7)
        {
            double middle = (low + high) / 2;
            if (Excluded(middle))
            {
                low = middle;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    private static double[] LogChoose(int n) => [.. Enumerable.Range(0, n + 1).Select(k => SpecialFunctions.BinomialLn(n, k))];

    private static double LogOnePlusExp(double x) => x > 0 ? x + Math.Log(1 + Math.Exp(-x)) : Math.Log(1 + Math.Exp(x));

    private static void Check(int canaries, int guesses, int correct, double delta)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(correct);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(correct, guesses);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(guesses, canaries);
        if (!(delta >= 0 && delta <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(delta), delta, "expected a probability in [0, 1]");
        }
    }
}
