using Pellicle.Core.Random;
using Pellicle.Training.Metrics;

namespace Pellicle.Audit.Statistics;

/// <summary>Turns scores of a membership attack into the figures of the report, all but the bound on epsilon.</summary>
public static class AttackStatistics
{
    private const int CurvePoints = 240;

    /// <summary>False positive rates at which the true positive rate is reported: an attack that is right about a few people counts (Carlini et al. 2022, section 4).</summary>
    public static IReadOnlyList<double> ReportedFalsePositiveRates { get; } = [0.001, 0.01, 0.1];

    /// <summary>Fills an <see cref="AttackResult"/>.</summary>
    /// <param name="name">Attack name, such as "loss".</param>
    /// <param name="scores">Scores of members and non-members.</param>
    /// <param name="epsilonLowerBound">The bound, computed by the method that fits the attack.</param>
    /// <param name="confidence">Confidence of the bound and of all intervals, in (0, 1).</param>
    /// <param name="assumption">What must hold for the bound to be valid, one sentence.</param>
    /// <param name="seconds">Wall-clock time of the attack.</param>
    public static AttackResult Describe(string name, MembershipScores scores, double epsilonLowerBound, double confidence, string assumption, double seconds)
    {
        ArgumentNullException.ThrowIfNull(scores);
        RocCurve? roc = Ranked(scores).Roc();
        double? auc = roc?.Area;
        return new AttackResult
        {
            Name = name,
            N = scores.Count,
            Auc = auc,
            AucInterval = auc is { } area ? AucInterval.Of(area, scores.Members.Count, scores.NonMembers.Count, confidence) : null,
            TprAtFpr = roc is null ? [] : [.. ReportedFalsePositiveRates.Select(fpr => RateAt(roc, fpr, confidence))],
            Advantage = roc?.Advantage,
            EpsilonLowerBound = epsilonLowerBound,
            Confidence = confidence,
            Seconds = seconds,
            Assumption = assumption,
            Roc = roc?.Thinned(CurvePoints) ?? [],
        };
    }

    /// <summary>Control: the area when membership is dealt out at random among the same scores; far from 0.5 it shows a flaw of the evaluation.</summary>
    /// <param name="scores">Scores of members and non-members.</param>
    /// <param name="confidence">Confidence of the interval, in (0, 1).</param>
    /// <param name="random">Deals out the membership.</param>
    public static AuditControls ShuffledMembership(MembershipScores scores, double confidence, ISeededRandom random)
    {
        ArgumentNullException.ThrowIfNull(scores);
        double[] all = [.. scores.Members, .. scores.NonMembers];
        random.Shuffle<double>(all);
        var dealt = new MembershipScores(all[..scores.Members.Count], all[scores.Members.Count..]);
        if (Ranked(dealt).AreaUnderRoc() is not { } area)
        {
            return new AuditControls(null, null, null);
        }

        Interval interval = AucInterval.Of(area, dealt.Members.Count, dealt.NonMembers.Count, confidence);
        return new AuditControls(area, interval, interval.Contains(0.5));
    }

    private static RankedScores Ranked(MembershipScores scores)
    {
        double[] all = [.. scores.Members, .. scores.NonMembers];
        return new RankedScores(all, [.. all.Select((_, i) => i < scores.Members.Count)]);
    }

    // The threshold comes from the non-members alone, so given them the count of members above it is binomial and the interval is exact.
    private static TprAtFpr RateAt(RocCurve roc, double fpr, double confidence)
    {
        double tpr = roc.TruePositiveRateAt(fpr);
        return new TprAtFpr(fpr, tpr, ClopperPearson.TwoSided((int)Math.Round(tpr * roc.Positives), roc.Positives, confidence));
    }
}
