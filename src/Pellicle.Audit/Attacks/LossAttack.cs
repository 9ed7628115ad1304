using Pellicle.Audit.Statistics;
using Pellicle.Core.Random;

namespace Pellicle.Audit.Attacks;

/// <summary>Membership by a threshold on the loss: training images tend to have a smaller loss than others (Yeom et al. 2018).</summary>
/// <remarks>Needs nothing but the model. Its bound treats the split into training and held-out data as if each unit had been assigned by chance on its own and
/// units as independent given the model; a held-out set of another kind of patients would mislead it. The canary audit needs no such assumption.</remarks>
public static class LossAttack
{
    /// <summary>Stated with the result.</summary>
    public const string Assumption =
        "Training and held-out units are exchangeable (split at random) and count as independent. The threshold was chosen on a random third and evaluated on the rest.";

    /// <summary>Evaluates the attack.</summary>
    /// <param name="memberLosses">Loss of each training unit in nats.</param>
    /// <param name="nonMemberLosses">Loss of each held-out unit in nats.</param>
    /// <param name="delta">Delta of the guarantee, in [0, 1).</param>
    /// <param name="confidence">In (0, 1).</param>
    /// <param name="random">Splits the units into those that choose and those that count.</param>
    /// <param name="seconds">Wall-clock seconds to report.</param>
    public static AttackResult Evaluate(IReadOnlyList<double> memberLosses, IReadOnlyList<double> nonMemberLosses, double delta, double confidence, ISeededRandom random, double seconds)
    {
        MembershipScores scores = Scores(memberLosses, nonMemberLosses);
        double epsilon = ThresholdBound.Epsilon(scores, delta, confidence, random);
        return AttackStatistics.Describe("loss", scores, epsilon, confidence, Assumption, seconds);
    }

    /// <summary>Scores of the attack: the negative loss; a loss that is not a number (a diverged model) counts as infinite.</summary>
    /// <param name="memberLosses">Loss of each training unit in nats.</param>
    /// <param name="nonMemberLosses">Loss of each held-out unit in nats.</param>
    public static MembershipScores Scores(IReadOnlyList<double> memberLosses, IReadOnlyList<double> nonMemberLosses)
    {
        ArgumentNullException.ThrowIfNull(memberLosses);
        ArgumentNullException.ThrowIfNull(nonMemberLosses);
        return new MembershipScores([.. memberLosses.Select(Score)], [.. nonMemberLosses.Select(Score)]);
    }

    private static double Score(double loss) => double.IsNaN(loss) ? double.NegativeInfinity : -loss;
}
