using MathNet.Numerics.Distributions;
using Pellicle.Core.Random;

namespace Pellicle.Audit.Statistics;

/// <summary>Lower bound of epsilon from a score threshold, valid although the threshold is chosen from data.</summary>
/// <remarks>The units are split at random. One third only chooses the threshold; the other two thirds, which the choice never saw, give the counts for
/// <see cref="EpsilonFromRates"/>. So no correction for the search is needed. The best threshold on the counted data itself
/// would carry no stated confidence.</remarks>
public static class ThresholdBound
{
    /// <summary>The bound.</summary>
    /// <param name="scores">Members and non-members.</param>
    /// <param name="delta">Delta of the guarantee, in [0, 1).</param>
    /// <param name="confidence">In (0, 1).</param>
    /// <param name="split">Decides the halves; any seed is valid as long as it was not picked by the result.</param>
    /// <returns>At least 0; 0 if a side has fewer than two units.</returns>
    public static double Epsilon(MembershipScores scores, double delta, double confidence, ISeededRandom split)
    {
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentNullException.ThrowIfNull(split);
        if (scores.Members.Count < 2 || scores.NonMembers.Count < 2)
        {
            return 0;
        }

        (double[] membersA, double[] membersB) = Parts(scores.Members, split);
        (double[] othersA, double[] othersB) = Parts(scores.NonMembers, split);
        double threshold = Choose(membersA, othersA, delta, confidence, (double)membersB.Length / membersA.Length);
        return At(threshold, membersB, othersB, delta, confidence);
    }

    private static (double[] First, double[] Second) Parts(IReadOnlyList<double> values, ISeededRandom split)
    {
        double[] shuffled = [.. values];
        split.Shuffle<double>(shuffled);
        int third = Math.Max(1, shuffled.Length / 3);
        double[] first = shuffled[..third];
        double[] second = shuffled[third..];
        Array.Sort(first);
        Array.Sort(second);
        return (first, second);
    }

    // The choice needs no exact bounds: score intervals of Wilson 1927 at the size of the counting part, fast and close enough.
    private static double Choose(double[] members, double[] others, double delta, double confidence, double sizeRatio)
    {
        double[] all = [.. members, .. others];
        Array.Sort(all);
        double best = all[^1];
        double bestEpsilon = -1;
        double z = Normal.InvCDF(0, 1, (1 + confidence) / 2);
        foreach (int rank in Candidates(all.Length))
        {
            double tpr = WilsonEnd(AtLeast(members, all[rank]) / (double)members.Length, members.Length * sizeRatio, -z);
            double fpr = WilsonEnd(AtLeast(others, all[rank]) / (double)others.Length, others.Length * sizeRatio, z);
            double epsilon = EpsilonFromRates.LowerBound(tpr, fpr, delta);
            if (epsilon > bestEpsilon)
            {
                bestEpsilon = epsilon;
                best = all[rank];
            }
        }

        return best;
    }

    private static double WilsonEnd(double share, double count, double z)
    {
        double centre = share + z * z / (2 * count);
        double spread = z * Math.Sqrt(share * (1 - share) / count + z * z / (4 * count * count));
        return Math.Clamp((centre + spread) / (1 + z * z / count), 0, 1);
    }

    // Ranks dense near both ends, where the ratio of rates is decided, and sparse between.
    private static SortedSet<int> Candidates(int count)
    {
        var ranks = new SortedSet<int>();
        for (double distance = 1; distance <= count; distance = Math.Max(distance + 1, distance * 1.15))
        {
            ranks.Add(count - (int)distance);
            ranks.Add((int)distance - 1);
        }

        return ranks;
    }

    private static double At(double threshold, double[] sortedMembers, double[] sortedOthers, double delta, double confidence) =>
        EpsilonFromRates.LowerBound(AtLeast(sortedMembers, threshold), sortedMembers.Length, AtLeast(sortedOthers, threshold), sortedOthers.Length, delta, confidence);

    private static int AtLeast(double[] sorted, double threshold)
    {
        int low = 0;
        int high = sorted.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (sorted[middle] >= threshold)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return sorted.Length - low;
    }
}
