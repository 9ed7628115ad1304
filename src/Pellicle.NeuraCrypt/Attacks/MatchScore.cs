using Pellicle.Training.Metrics;

namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>How well a cost matrix finds the picture of each encoding.</summary>
/// <param name="Top1">Share of encodings whose cheapest candidate is the right one.</param>
/// <param name="Top1Interval">95 % Clopper–Pearson interval of it.</param>
/// <param name="AssignmentAccuracy">Share right in the cheapest one-to-one assignment.</param>
/// <param name="GuessesToFirstHit">Place of the first right pair when all pairs are ranked by cost.</param>
/// <param name="MedianRank">Median place of the right candidate, from 1.</param>
public sealed record MatchScore(double Top1, Interval Top1Interval, double AssignmentAccuracy, int GuessesToFirstHit, double MedianRank)
{
    /// <summary>Scores costs.</summary>
    /// <param name="cost">[victims, candidates].</param>
    /// <param name="truth">Right candidate of each victim.</param>
    public static MatchScore Of(double[,] cost, IReadOnlyList<int> truth)
    {
        ArgumentNullException.ThrowIfNull(cost);
        ArgumentNullException.ThrowIfNull(truth);
        int n = cost.GetLength(0);
        int candidates = cost.GetLength(1);
        var ranks = new int[n];
        double firstHit = double.PositiveInfinity;
        for (int i = 0; i < n; i++)
        {
            double right = cost[i, truth[i]];
            firstHit = Math.Min(firstHit, right);
            for (int j = 0; j < candidates; j++)
            {
                ranks[i] += j == truth[i] || cost[i, j] <= right ? 1 : 0; // a tie counts against the attack
            }
        }

        int hits = ranks.Count(rank => rank == 1);
        int[] assigned = Assignment.Solve(cost);
        int cheaper = cost.Cast<double>().Count(c => c < firstHit);
        int[] sorted = [.. ranks.Order()];
        return new MatchScore(
            (double)hits / n,
            ClopperPearson.TwoSided(hits, n, 0.95),
            assigned.Where((column, i) => column == truth[i]).Count() / (double)n,
            cheaper + 1,
            (sorted[(n - 1) / 2] + sorted[n / 2]) / 2.0);
    }
}
