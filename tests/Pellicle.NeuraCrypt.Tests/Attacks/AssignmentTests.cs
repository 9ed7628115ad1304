using Pellicle.Core.Random;
using Pellicle.NeuraCrypt.Attacks;

namespace Pellicle.NeuraCrypt.Tests.Attacks;

public class AssignmentTests
{
    [Theory]
    [InlineData(4, 4)]
    [InlineData(5, 5)]
    [InlineData(3, 6)]
    public void Assignment_is_as_cheap_as_the_best_of_all(int rows, int columns)
    {
        var random = new SeededRandom(2);
        for (int trial = 0; trial < 50; trial++)
        {
            var cost = new double[rows, columns];
            for (int i = 0; i < cost.Length; i++)
            {
                cost[i / columns, i % columns] = random.NextInt(20) - 5;
            }

            int[] found = Assignment.Solve(cost);
            Assert.Equal(rows, found.Distinct().Count());
            Assert.Equal(Cheapest(cost, 0, []), found.Select((column, row) => cost[row, column]).Sum());
        }
    }

    [Fact]
    public void Scores_count_ties_as_if_they_were_broken_by_chance()
    {
        MatchScore equal = MatchScore.Of(new double[4, 4], [0, 1, 2, 3]);
        Assert.Equal(0.25, equal.Top1);
        Assert.Equal(2.5, equal.MedianRank);
        Assert.Equal(1, equal.AmongCheapest);
        var cost = new double[,] { { 0, 1, 2 }, { 3, 1, 2 }, { 0.5, 2, 1 } };
        MatchScore score = MatchScore.Of(cost, [0, 1, 2]);
        Assert.Equal(2 / 3.0, score.Top1);
        Assert.Equal(1, score.AssignmentAccuracy);
        Assert.Equal(1, score.GuessesToFirstHit);
        Assert.Equal(1, score.MedianRank);
        Assert.Equal(2 / 3.0, score.AmongCheapest);
    }

    [Fact]
    public void Costs_that_are_not_finite_are_refused() => Assert.Throws<ArgumentException>(() => MatchScore.Of(new double[,] { { double.NaN, 1 }, { 1, 0 } }, [0, 1]));

    [Theory]
    [InlineData(0.049, ReidentificationRating.Low)]
    [InlineData(0.05, ReidentificationRating.Moderate)]
    [InlineData(0.2, ReidentificationRating.Moderate)]
    [InlineData(0.201, ReidentificationRating.High)]
    public void Ratings_follow_the_scale_of_the_authors(double accuracy, ReidentificationRating rating) => Assert.Equal(rating, EncodingAttackSuite.Rate(accuracy));

    private static double Cheapest(double[,] cost, int row, HashSet<int> taken)
    {
        if (row == cost.GetLength(0))
        {
            return 0;
        }

        double best = double.PositiveInfinity;
        for (int column = 0; column < cost.GetLength(1); column++)
        {
            if (taken.Add(column))
            {
                best = Math.Min(best, cost[row, column] + Cheapest(cost, row + 1, taken));
                taken.Remove(column);
            }
        }

        return best;
    }
}
