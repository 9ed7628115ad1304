using Pellicle.Core.Errors;
using Pellicle.Training.Configuration;
using Pellicle.Viewmaker.Evaluation;
using Pellicle.Viewmaker.Subjects;

namespace Pellicle.Viewmaker.Tests.Training;

public class SubjectTests
{
    [Fact]
    public void No_patient_is_in_two_parts()
    {
        using SubjectData data = SubjectData.Open(Config("synth:dermoscopy,images=400,size=16,per-patient=3"), 1);
        var parts = Enum.GetValues<SubjectPart>().Select(part => data.RowsOf(part).Select(row => data.Units[row]).ToHashSet()).ToArray();
        Assert.Equal(400, Enum.GetValues<SubjectPart>().Sum(part => data.RowsOf(part).Count));
        for (int i = 0; i < parts.Length; i++)
        {
            Assert.NotEmpty(parts[i]);
            Assert.All(parts.Skip(i + 1), other => Assert.Empty(parts[i].Intersect(other)));
        }
    }

    [Fact]
    public void Unknown_values_are_no_class()
    {
        SubjectColumn column = SubjectColumn.Of("sex", ["female", "Unknown", "male", "", "nan"]);
        Assert.Equal(["female", "male"], column.Classes);
        Assert.Equal([0, -1, 1, -1, -1], column.Labels);
    }

    [Theory]
    [InlineData("age:40:60", 3)]
    [InlineData("age:50", 2)]
    [InlineData("age", 2)]
    public void Numbers_are_grouped_by_edges_or_at_the_median(string specification, int classes)
    {
        SubjectColumn column = SubjectColumn.Of(specification, [.. Enumerable.Range(20, 60).Select(age => age.ToString()), ""]);
        Assert.Equal(classes, column.Classes.Count);
        Assert.Equal(0, column.Labels[0]);
        Assert.Equal(classes - 1, column.Labels[59]);
        Assert.Equal(-1, column.Labels[60]);
    }

    [Theory]
    [InlineData("age:60:40")]
    [InlineData("age:old")]
    [InlineData("age:200")]
    public void Unusable_edges_are_refused(string specification) =>
        Assert.Throws<UsageException>(() => SubjectColumn.Of(specification, ["20", "70", "80"]));

    [Fact]
    public void A_column_that_does_not_exist_is_refused_with_those_that_do()
    {
        TrainConfig config = Config("synth:dermoscopy,images=50,size=16");
        var e = Assert.ThrowsAny<PellicleException>(() => SubjectData.Open(config with { Obfuscate = config.Obfuscate with { Attributes = ["weight"] } }, 1));
        Assert.Contains("weight", e.Message, StringComparison.Ordinal);
        Assert.Contains("sex", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_inverted_score_leaks_as_much_as_the_score()
    {
        var column = new SubjectColumn("sex", ["f", "m"], [0, 0, 1, 1, 0, 1, -1]);
        double[] score = [0.1, 0.2, 0.8, 0.7, 0.75, 0.9, 5];
        double[] inverted = [.. score.Select(s => -s)];
        double? leakage = ColumnScores.Of([inverted, score], column).Leakage();
        Assert.Equal(leakage, ColumnScores.Of([score, inverted], column).Leakage());
        Assert.Equal(8.0 / 9, leakage!.Value, 1e-9);
        Assert.Equal(6, ColumnScores.Of([inverted, score], column).Count);
    }

    internal static TrainConfig Config(string source) => new()
    {
        Data = new DataSection { Source = source },
        Model = new ModelSection { ImageSize = 16 },
        Obfuscate = new ObfuscateSection { Attributes = ["sex", "age:54"], Widths = [4, 6, 8], Blocks = 1, Ensemble = ["cnn_plain"], Batch = 8, Rounds = 4, SelectionEvery = 2, ReplaceEvery = 3, ReaderEpochs = 1, AttackersPerRound = 1, Coarsenings = [1, 2], Spreads = [0.5] },
    };
}
