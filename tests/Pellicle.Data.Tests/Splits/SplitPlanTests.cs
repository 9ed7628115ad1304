using Pellicle.Core.Errors;

namespace Pellicle.Data.Tests.Splits;

public sealed class SplitPlanTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Patients_stay_together_and_shares_are_met()
    {
        using ImageDataset dataset = Open(Rows(400, patients: 200), new DatasetOptions());
        Assert.All(dataset.Records.GroupBy(r => r.Patient), g => Assert.Single(g.Select(r => r.Split).Distinct()));
        Assert.InRange(dataset.IndicesOf("train").Count, 290, 350); // 320 expected, deviation about 11
        Assert.InRange(dataset.IndicesOf("test").Count, 20, 62);
    }

    [Fact]
    public void A_patient_more_changes_no_other_patients_split()
    {
        using ImageDataset few = Open(Rows(300, patients: 150), new DatasetOptions());
        using ImageDataset more = Open(Rows(302, patients: 151), new DatasetOptions());
        Dictionary<string, string> splits = more.Records.GroupBy(r => r.Patient!).ToDictionary(g => g.Key, g => g.First().Split);
        Assert.All(few.Records, r => Assert.Equal(r.Split, splits[r.Patient!]));
    }

    [Fact]
    public void Another_seed_gives_another_split_and_the_same_seed_the_same()
    {
        string rows = Rows(200, patients: 100);
        using ImageDataset a = Open(rows, new DatasetOptions { Seed = 1 }), b = Open(rows, new DatasetOptions { Seed = 1 }), c = Open(rows, new DatasetOptions { Seed = 2 });
        Assert.Equal(a.Records.Select(r => r.Split), b.Records.Select(r => r.Split));
        Assert.NotEqual(a.Records.Select(r => r.Split), c.Records.Select(r => r.Split));
        Assert.NotEqual(a.Fingerprint, c.Fingerprint);
    }

    [Fact]
    public void Validation_is_carved_from_training_only_when_asked_and_by_patient()
    {
        string rows = Rows(400, patients: 200, split: p => p < 160 ? "train" : "test");
        using ImageDataset plain = Open(rows, new DatasetOptions());
        using ImageDataset carved = Open(rows, new DatasetOptions { ValidationShare = 0.25 });
        Assert.Empty(plain.IndicesOf("validation"));
        Assert.InRange(carved.IndicesOf("validation").Count, 50, 110); // 80 expected
        Assert.Equal(plain.IndicesOf("test"), carved.IndicesOf("test"));
        Assert.All(carved.Records.GroupBy(r => r.Patient), g => Assert.Single(g.Select(r => r.Split).Distinct()));
    }

    [Fact]
    public void A_patient_in_two_splits_is_refused_by_file_names_without_the_id()
    {
        string rows = "file,label,patient,split\n0.png,a,Secret7,train\n1.png,b,Secret7,test\n2.png,b,p2,train\n3.png,b,p3,test\n4.png,b,p3,train\n";
        DataFormatException e = Assert.Throws<DataFormatException>(() => Open(rows, new DatasetOptions()));
        Assert.Equal(2, e.Problems.Count);
        Assert.Equal("1.png", e.Problems[0].Where);
        Assert.Contains("same patient as '0.png'", e.Problems[0].Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Secret7", e.Message + string.Concat(e.Problems), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("80/20")]
    [InlineData("80/10/5")]
    [InlineData("0/50/50")]
    [InlineData("a/b/c")]
    [InlineData("110/-5/-5")]
    public void Unusable_shares_are_refused(string split)
    {
        UsageException e = Assert.Throws<UsageException>(() => Open(Rows(4, 4), new DatasetOptions { Split = split }));
        Assert.Contains(split, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_row_without_split_among_rows_with_one_is_refused()
    {
        Assert.Throws<DataFormatException>(() => Open("file,label,split\n0.png,a,train\n1.png,b,\n", new DatasetOptions()));
    }

    [Fact]
    public void Images_without_a_patient_are_counted_when_patients_are_required()
    {
        using ImageDataset dataset = Open("file,label,patient,split\n0.png,a,p1,train\n1.png,b,,train\n2.png,b,p1,train\n3.png,b,p3,test\n", new DatasetOptions());
        DataFormatException e = Assert.Throws<DataFormatException>(() => dataset.RequirePatients("train"));
        Assert.Contains("1 of 3 images of the split 'train' have no patient in the column 'patient'", e.Message, StringComparison.Ordinal);
        Assert.Equal(1, dataset.RequirePatients("test"));
        Assert.Contains("1 of 4 images have no patient", Assert.Single(dataset.Warnings), StringComparison.Ordinal);
    }

    private static string Rows(int images, int patients, Func<int, string>? split = null) =>
        (split is null ? "file,label,patient\n" : "file,label,patient,split\n")
        + string.Concat(Enumerable.Range(0, images).Select(i => $"{i}.png,{(i % 2 == 0 ? "a" : "b")},p{i / 2 % patients}{(split is null ? "" : "," + split(i / 2 % patients))}\n"));

    private ImageDataset Open(string csv, DatasetOptions options)
    {
        byte[] png = TestPictures.Png(2, 2, 1);
        string pack = _folder.Write("p.zip", TestPictures.Pack(csv, csv.Split('\n').Skip(1).Where(l => l.Length > 0).Select(l => (l.Split(',')[0], png))));
        return ImageDataset.Open(pack, options);
    }
}
