using Pellicle.Training.Metrics;

namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>How well a cost matrix finds the picture of each encoding. Ties count as if they were broken by chance.</summary>
/// <param name="Top1">Share of encodings whose cheapest candidate is the right one; the right one among m equally cheap ones counts 1/m.</param>
/// <param name="Top1Interval">95 % Clopper–Pearson interval of it.</param>
/// <param name="AssignmentAccuracy">Share right in the cheapest one-to-one assignment.</param>
/// <param name="GuessesToFirstHit">Place of the first right pair when all pairs are ranked by cost; equally cheap ones in random order.</param>
/// <param name="MedianRank">Median place of the right candidate, from 1; the middle of equally cheap ones.</param>
/// <param name="AmongCheapest">Share of encodings with no candidate cheaper than the right one: for controls, where equal pictures are no fault.</param>
public sealed record MatchScore(double Top1, Interval Top1Interval, double AssignmentAccuracy, int GuessesToFirstHit, double MedianRank, double AmongCheapest)
{
    /// <summary>Encodings matched.</summary>
    public required int Images { get; init; }

    /// <summary>Pictures they could belong to.</summary>
    public required int Candidates { get; init; }

    /// <summary>Scores costs.</summary>
    /// <param name="cost">[victims, candidates], at most as many victims as candidates.</param>
    /// <param name="truth">Right candidate of each victim.</param>
    public static MatchScore Of(double[,] cost, IReadOnlyList<int> truth)
    {
        ArgumentNullException.ThrowIfNull(cost);
        ArgumentNullException.ThrowIfNull(truth);
        if (!cost.Cast<double>().All(double.IsFinite))
        {
            throw new ArgumentException("costs are not all finite: an attack that diverged must not pass as one that found nothing.", nameof(cost));
        }

        int n = cost.GetLength(0);
        int candidates = cost.GetLength(1);
        var ranks = new double[n];
        double firstHit = double.PositiveInfinity;
        double hits = 0;
        int among = 0;
        for (int i = 0; i < n; i++)
        {
            double right = cost[i, truth[i]];
            firstHit = Math.Min(firstHit, right);
            int cheaper = 0, equal = 0;
            for (int j = 0; j < candidates; j++)
            {
                cheaper += cost[i, j] < right ? 1 : 0;
                equal += cost[i, j] == right ? 1 : 0;
            }

            ranks[i] = cheaper + ((equal + 1) / 2.0);
            hits += cheaper == 0 ? 1.0 / equal : 0;
            among += cheaper == 0 ? 1 : 0;
        }

        int[] assigned = Assignment.Solve(cost);
        double[] sorted = [.. ranks.Order()];
        return new MatchScore(
            hits / n,
            ClopperPearson.TwoSided((int)Math.Round(hits), n, 0.95),
            assigned.Where((column, i) => column == truth[i]).Count() / (double)n,
            FirstHit(cost, truth, firstHit),
            (sorted[(n - 1) / 2] + sorted[n / 2]) / 2,
            (double)among / n)
        {
            Images = n,
            Candidates = candidates,
        };
    }

    // Among e equally cheap pairs with r right ones in random order, the first right one stands at (e + 1)/(r + 1) on average.
    private static int FirstHit(double[,] cost, IReadOnlyList<int> truth, double cheapestRight)
    {
        int cheaper = cost.Cast<double>().Count(c => c < cheapestRight);
        int equal = cost.Cast<double>().Count(c => c == cheapestRight);
        int right = Enumerable.Range(0, truth.Count).Count(i => cost[i, truth[i]] == cheapestRight);
        return cheaper + (int)Math.Round((equal + 1.0) / (right + 1));
    }
}
