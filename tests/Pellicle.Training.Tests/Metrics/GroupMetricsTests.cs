using Pellicle.Training.Metrics;

namespace Pellicle.Training.Tests.Metrics;

public sealed class GroupMetricsTests
{
    private static readonly MetricsOptions Plain = new() { BootstrapReplicates = 0 };

    [Fact]
    public void Ages_are_binned_in_steps_of_twenty_years_with_unknown_last()
    {
        string?[] ages = ["85", "5", "40", null, "59.5", "20", "60"];

        IReadOnlyList<GroupMetrics> groups = GroupMetrics.ByAttribute(Predictions(7), "age", ages, Plain);

        Assert.Equal(["below 20", "20 to below 40", "40 to below 60", "60 to below 80", "80 and above", "unknown"], groups.Select(g => g.Value));
        Assert.Equal([1, 1, 2, 1, 1, 1], groups.Select(g => g.Metrics.N));
    }

    [Fact]
    public void Categories_stay_as_they_are_and_their_counts_add_up()
    {
        IReadOnlyList<GroupMetrics> groups = GroupMetrics.ByAttribute(Predictions(6), "sex", ["male", "female", "female", "", "male", "female"], Plain);

        Assert.Equal(["female", "male", "unknown"], groups.Select(g => g.Value));
        Assert.Equal(6, groups.Sum(g => g.Metrics.N));
    }

    [Fact]
    public void A_column_of_many_numbers_is_cut_at_its_quartiles()
    {
        string?[] values = [.. Enumerable.Range(0, 101).Select(i => (i * 0.5).ToString("0.0"))];

        IReadOnlyList<GroupMetrics> groups = GroupMetrics.ByAttribute(Predictions(101), "thickness", values, Plain);

        Assert.Equal(4, groups.Count);
        Assert.Equal("below 12.5", groups[0].Value);
        Assert.All(groups, g => Assert.InRange(g.Metrics.N, 25, 26));
    }

    [Fact]
    public void Columns_with_age_inside_another_word_are_not_ages()
    {
        IReadOnlyList<GroupMetrics> groups = GroupMetrics.ByAttribute(Predictions(2), "stage", ["1", "2"], Plain);

        Assert.Equal(["1", "2"], groups.Select(g => g.Value));
    }

    private static LabelledPredictions Predictions(int n) =>
        new([.. Enumerable.Range(0, n).Select(i => i % 2)], [.. Enumerable.Range(0, 2 * n).Select(_ => 0.5f)], 2);
}
