using System.IO.Compression;
using Pellicle.Core.Errors;

namespace Pellicle.Data.Tests.Sources;

public sealed class PackSourceTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(CompressionLevel.NoCompression)]
    [InlineData(CompressionLevel.Optimal)]
    public void Stored_and_deflated_packs_read_alike(CompressionLevel level)
    {
        using var dataset = ImageDataset.Open(_folder.Write("p.zip", TestPictures.Pack(20, level)), new DatasetOptions { AttributeColumns = ["sex"] });
        Assert.Equal(SourceKind.Pack, dataset.Kind);
        Assert.Equal(["a", "b"], dataset.Classes);
        Assert.Equal(16, dataset.IndicesOf("train").Count);
        Assert.Equal(4, dataset.RequireSplit("test").Count);
        Assert.Equal("patient", dataset.PatientColumn);
        Assert.Equal(4, dataset.PatientCount);
        Assert.Equal("f", dataset.Records[0].Attributes["sex"]);
        Assert.Equal(TestPictures.Ramp(12, 10, 3, 3), dataset.Read(3).Bytes.ToArray());
        Assert.False(dataset.IsSynthetic);
    }

    [Fact]
    public void Only_chosen_columns_enter_the_records()
    {
        using var dataset = ImageDataset.Open(_folder.Write("p.zip", TestPictures.Pack(10)));
        Assert.All(dataset.Records, r => Assert.Empty(r.Attributes));
    }

    [Fact]
    public void Another_label_column_gives_other_classes()
    {
        using var dataset = ImageDataset.Open(_folder.Write("p.zip", TestPictures.Pack(20)), new DatasetOptions { LabelColumn = "sex" });
        Assert.Equal(["f", "m"], dataset.Classes);
    }

    [Fact]
    public void A_marker_file_makes_a_pack_synthetic()
    {
        byte[] pack = TestPictures.Pack("file,label\na.png,x\nb.png,y\n", [("a.png", TestPictures.Png()), ("b.png", TestPictures.Png()), ("SYNTHETIC.txt", [1])]);
        using var dataset = ImageDataset.Open(_folder.Write("p.zip", pack));
        Assert.True(dataset.IsSynthetic);
    }

    [Fact]
    public void All_missing_files_and_double_rows_are_reported_at_once_with_lines()
    {
        string csv = "file,label\na.png,x\ngone.png,y\na.png,x\n,y\nlost.png,x\n";
        DataFormatException e = Refused(csv, ("a.png", TestPictures.Png()));
        Assert.Equal(4, e.Problems.Count);
        Assert.Contains("line 3", e.Problems[0].Where, StringComparison.Ordinal);
        Assert.Contains("'gone.png' is not in the archive", e.Problems[0].Message, StringComparison.Ordinal);
        Assert.Contains("listed twice, first on line 2", e.Problems[1].Message, StringComparison.Ordinal);
        Assert.Contains("no file name", e.Problems[2].Message, StringComparison.Ordinal);
        Assert.Contains("3 more problems", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_column_lists_those_there_are_and_the_nearest()
    {
        byte[] pack = TestPictures.Pack("file,diagnosis,lable\na.png,q,x\n", [("a.png", TestPictures.Png())]);
        DataFormatException e = Assert.Throws<DataFormatException>(() => ImageDataset.Open(_folder.Write("p.zip", pack)));
        Assert.Contains("no column 'label'", e.Message, StringComparison.Ordinal);
        Assert.Contains("file, diagnosis, lable", e.Message, StringComparison.Ordinal);
        Assert.Contains("did you mean 'lable'", e.Hint, StringComparison.Ordinal);
        Assert.Contains("--label-column", e.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void Unlabelled_rows_are_refused_or_left_out_when_asked()
    {
        string csv = "file,label,sex\na.png,x,f\nb.png,y,m\nc.png,x,unknown\nd.png,y,\n";
        (string, byte[])[] files = [("a.png", TestPictures.Png()), ("b.png", TestPictures.Png()), ("c.png", TestPictures.Png()), ("d.png", TestPictures.Png())];
        string path = _folder.Write("p.zip", TestPictures.Pack(csv, files));
        DataFormatException e = Assert.Throws<DataFormatException>(() => ImageDataset.Open(path, new DatasetOptions { LabelColumn = "sex" }));
        Assert.Equal(2, e.Problems.Count);
        using var dataset = ImageDataset.Open(path, new DatasetOptions { LabelColumn = "sex", SkipUnlabelled = true, Split = "100/0/0" });
        Assert.Equal(2, dataset.Records.Count);
        Assert.Contains(dataset.Warnings, w => w.Contains("2 images without a label", StringComparison.Ordinal));
    }

    [Fact]
    public void A_single_class_is_refused()
    {
        DataFormatException e = Refused("file,label\na.png,x\nb.png,x\n", ("a.png", TestPictures.Png()), ("b.png", TestPictures.Png()));
        Assert.Contains("all 2 images have the label 'x'", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_column_of_measurements_is_refused_as_label()
    {
        var files = Enumerable.Range(0, 1200).Select(i => ($"{i}.png", TestPictures.Png(2, 2, 1))).ToArray();
        string csv = "file,label\n" + string.Concat(files.Select((f, i) => $"{f.Item1},{i * 0.37}\n"));
        DataFormatException e = Refused(csv, files);
        Assert.Single(e.Problems);
        Assert.Contains("1200 different labels", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_outside_the_given_classes_are_refused()
    {
        string path = _folder.Write("p.zip", TestPictures.Pack(10));
        DataFormatException e = Assert.Throws<DataFormatException>(() => ImageDataset.Open(path, new DatasetOptions { Classes = ["a", "c"] }));
        Assert.Equal(5, e.Problems.Count);
        Assert.Contains("label 'b' is not one of the classes a, c", e.Problems[0].Message, StringComparison.Ordinal);
        using var dataset = ImageDataset.Open(path, new DatasetOptions { Classes = ["b", "z", "a"] });
        Assert.Equal(["b", "z", "a"], dataset.Classes);
        Assert.Equal(2, dataset.Records[0].Label);
    }

    [Fact]
    public void Numeric_classes_are_sorted_by_number()
    {
        string csv = "file,label\n" + string.Concat(Enumerable.Range(0, 12).Select(i => $"{i}.png,{11 - i}\n"));
        using var dataset = ImageDataset.Open(_folder.Write("p.zip", TestPictures.Pack(csv, Enumerable.Range(0, 12).Select(i => ($"{i}.png", TestPictures.Png(2, 2, 1))))));
        Assert.Equal(Enumerable.Range(0, 12).Select(i => i.ToString()), dataset.Classes);
    }

    [Fact]
    public void An_unknown_split_word_is_refused()
    {
        DataFormatException e = Refused("file,label,split\na.png,x,holdout\nb.png,y,train\n", ("a.png", TestPictures.Png()), ("b.png", TestPictures.Png()));
        Assert.Contains("split 'holdout'; expected train, validation or test", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_training_images_are_refused()
    {
        DataFormatException e = Refused("file,label,split\na.png,x,test\nb.png,y,test\n", ("a.png", TestPictures.Png()), ("b.png", TestPictures.Png()));
        Assert.Contains("no image is in the split 'train' (train 0, validation 0, test 2)", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_split_is_refused_when_it_is_asked_for()
    {
        using var dataset = ImageDataset.Open(_folder.Write("p.zip", TestPictures.Pack(10)));
        DataFormatException e = Assert.Throws<DataFormatException>(() => dataset.RequireSplit("validation"));
        Assert.Contains("'validation' has no images (train 8, validation 0, test 2)", e.Message, StringComparison.Ordinal);
        Assert.Empty(dataset.IndicesOf("validation"));
    }

    [Fact]
    public void Names_that_lead_out_of_the_archive_are_refused()
    {
        byte[] pack = TestPictures.Pack("file,label\n../evil.png,x\nb.png,y\n", [("../evil.png", TestPictures.Png()), ("b.png", TestPictures.Png())]);
        DataFormatException e = Assert.Throws<DataFormatException>(() => ImageDataset.Open("pack:" + _folder.Write("p.zip", pack)));
        Assert.Contains("evil.png", e.Message + string.Concat(e.Problems.Select(p => p.Where + p.Message)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_image_names_the_file()
    {
        byte[] pack = TestPictures.Pack("file,label\na.jpg,x\nb.jpg,y\n", [("a.jpg", "not a picture"u8.ToArray()), ("b.jpg", TestPictures.Jpeg())]);
        using var dataset = ImageDataset.Open(_folder.Write("p.zip", pack));
        DataFormatException e = Assert.Throws<DataFormatException>(() => dataset.Read(0));
        Assert.Contains("'a.jpg'", e.Message, StringComparison.Ordinal);
        Assert.Equal(12, dataset.Read(1).Width);
    }

    [Fact]
    public void Huge_declared_dimensions_are_refused_before_memory_is_taken()
    {
        byte[] huge = Images.RawPng.File(60000, 60000, 8, 2, [0]);
        byte[] pack = TestPictures.Pack("file,label\na.png,x\nb.png,y\n", [("a.png", huge), ("b.png", TestPictures.Png())]);
        using var dataset = ImageDataset.Open(_folder.Write("p.zip", pack));
        long before = GC.GetTotalAllocatedBytes();
        DataFormatException e = Assert.Throws<DataFormatException>(() => dataset.Read(0));
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 32 << 20);
        Assert.Contains("60000 x 60000", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_limit_keeps_a_reproducible_part()
    {
        string path = _folder.Write("p.zip", TestPictures.Pack(40));
        using var one = ImageDataset.Open(path, new DatasetOptions { Limit = 12, Seed = 5 });
        using var two = ImageDataset.Open(path, new DatasetOptions { Limit = 12, Seed = 5 });
        using var other = ImageDataset.Open(path, new DatasetOptions { Limit = 12, Seed = 6 });
        Assert.Equal(12, one.Records.Count);
        Assert.Equal(one.Records.Select(r => r.File), two.Records.Select(r => r.File));
        Assert.NotEqual(one.Records.Select(r => r.File), other.Records.Select(r => r.File));
        Assert.Equal(one.Read(4).HashPixels(), two.Read(4).HashPixels());
    }

    private DataFormatException Refused(string csv, params (string, byte[])[] files) =>
        Assert.Throws<DataFormatException>(() => ImageDataset.Open(_folder.Write("p.zip", TestPictures.Pack(csv, files))));
}
