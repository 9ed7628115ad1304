using System.Text.Json;
using Pellicle.Core.Errors;

namespace Pellicle.Data.Tests.Sources;

public sealed class JsonSourceTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public JsonSourceTests()
    {
        for (int i = 0; i < 8; i++)
        {
            _folder.Write($"img/p{i}/x.png", TestPictures.Png(8, 8, 1, i));
        }
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Rows_are_used_by_the_rule_of_the_reference()
    {
        string list = List(
            Row(0, "train", "mimic", ("Edema", "1.0")),
            Row(1, "validate", "mimic", ("Edema", "0.0")),
            Row(2, "dev", "mimic", ("Edema", "-1.0")),                       // uncertain: out
            Row(3, "dev", "mimic", ("Edema", "-1.0"), ("No Finding", "1.0")), // negative
            Row(4, "validate", "mimic", ("Edema", "")),                      // not mentioned: out
            Row(5, "test", "mimic", ("No Finding", "1.0")),
            Row(6, "test", "stanford", ("Edema", "1.0")));
        using var mimic = Open(list, "mimic_cxr_edema");
        Assert.Equal(SourceKind.Json, mimic.Kind);
        Assert.Equal(["negative", "positive"], mimic.Classes);
        Assert.Equal(["p0/x.png", "p1/x.png", "p3/x.png", "p5/x.png"], mimic.Records.Select(r => r.File));
        Assert.Equal([1, 0, 0, 0], mimic.Records.Select(r => r.Label));
        Assert.Equal(["train", "validation", "validation", "test"], mimic.Records.Select(r => r.Split));
        Assert.Equal("pid-0", mimic.Records[0].Patient);
        Assert.Contains(mimic.Warnings, w => w.StartsWith("3 of 7 rows", StringComparison.Ordinal));
        using var both = Open(list, "combined_cxr_edema");
        Assert.Equal(5, both.Records.Count);
        Assert.Equal(8, both.Read(0).Width);
    }

    [Fact]
    public void An_attack_learns_from_public_rows_and_is_tested_on_all_that_were_encoded_in_private()
    {
        string list = List(
            Row(0, "train", "mimic", ("Edema", "1.0")) with { Challenge = "public" },
            Row(1, "dev", "mimic", ("Edema", "0.0")) with { Challenge = "public" },
            Row(2, "test", "mimic", ("Edema", "-1.0")) with { Challenge = "public" },
            Row(3, "train", "stanford", ("Edema", "-1.0")) with { Challenge = "private-encoded" });
        using var attack = Open(list, "attack:combined_cxr_edema");
        Assert.Equal(["train", "validation", "train", "test"], attack.Records.Select(r => r.Split));
        Assert.Equal([1, 0, 0, 0], attack.Records.Select(r => r.Label));
        Assert.Contains("challenge_split", Assert.Throws<DataFormatException>(() => Open(List(Row(0, "train", "mimic", ("Edema", "1.0"))), "attack:mimic_cxr_edema")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_row_without_source_is_an_error_and_not_a_guess()
    {
        string list = List(Row(0, "train", "mimic", ("Edema", "1.0")), Row(1, "train", "", ("Edema", "0.0")), Row(2, "train", "MIMIC-CXR", ("Edema", "0.0")));
        DataFormatException e = Assert.Throws<DataFormatException>(() => Open(list, "mimic_cxr_edema"));
        Assert.Contains("has no source", e.Message, StringComparison.Ordinal);
        Assert.Equal(2, e.Problems.Count);
    }

    [Fact]
    public void A_path_may_not_lead_out_of_the_image_root()
    {
        _folder.Write("secret.png", TestPictures.Png());
        string list = List(Row(0, "train", "mimic", ("Edema", "1.0")), Row(1, "train", "mimic", ("Edema", "0.0")) with { Path = "/data/site/cxr/../secret.png" });
        Assert.Contains("leads out", Assert.Throws<DataFormatException>(() => Open(list, "mimic_cxr_edema")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_task_must_be_named_and_known()
    {
        string list = List(Row(0, "train", "mimic", ("Edema", "1.0")));
        Assert.Contains("combined_pneumothorax", Assert.Throws<UsageException>(() => Open(list, null)).Hint, StringComparison.Ordinal);
        Assert.Contains("Did you mean 'mimic_cxr_edema'", Assert.Throws<UsageException>(() => Open(list, "mimic_cxr_edma")).Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("[{]")]
    [InlineData("[{\"path\":\"a\",\"source\":\"mimic\"}]")]
    [InlineData("")]
    public void Lists_of_another_form_are_format_errors(string text) =>
        Assert.Throws<DataFormatException>(() => Open(_folder.Write("bad.json", text), "mimic_cxr_edema"));

    private ImageDataset Open(string list, string? task) => ImageDataset.Open("json:" + list, new DatasetOptions { LabelColumn = task, ImageRoot = _folder.At("img") });

    private string List(params ListRow[] rows) => _folder.Write("list.json", JsonSerializer.Serialize(rows.Select(r => new
    {
        pid = r.Pid,
        exam = "e",
        path = r.Path,
        split_group = r.Split,
        source = r.Source,
        challenge_split = r.Challenge,
        label_dict = r.Findings.ToDictionary(f => f.Name, f => f.Value),
    })));

    private static ListRow Row(int i, string split, string source, params (string Name, string Value)[] findings) => new($"pid-{i}", $"/data/site/cxr/p{i}/x.png", split, source, findings);

    private sealed record ListRow(string Pid, string Path, string Split, string Source, (string Name, string Value)[] Findings)
    {
        public string Challenge { get; init; } = "";
    }
}
