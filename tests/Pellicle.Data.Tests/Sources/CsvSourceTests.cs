using Pellicle.Core.Errors;

namespace Pellicle.Data.Tests.Sources;

public sealed class CsvSourceTests : IDisposable
{
    private static readonly DatasetOptions AllTrain = new() { Split = "100/0/0" };
    private readonly TestFolder _folder = new();

    public CsvSourceTests()
    {
        for (int i = 0; i < 4; i++)
        {
            _folder.Write($"data/img/{i}.png", TestPictures.Png(seed: i));
        }
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("file,label\nimg/0.png,x\nimg/1.png,y\n")]
    [InlineData("\uFEFFfile,label\r\nimg/0.png,x\r\nimg/1.png,y\r\n")]
    [InlineData("\"file\",\"label\"\n\"img/0.png\",\"x\"\n\n\"img/1.png\",y")]
    [InlineData("file;label\nimg/0.png;x\nimg/1.png;y\n")]
    [InlineData("File\tLABEL\nimg/0.png\tx\nimg\\1.png\ty\n")]
    [InlineData("label,extra,path\nx,\"a, \"\"quoted\"\"\nfield\",img/0.png\ny,,img/1.png\n")]
    public void Usual_dialects_of_csv_are_read(string csv)
    {
        using var dataset = ImageDataset.Open("csv:" + _folder.Write("data/labels.csv", csv), AllTrain);
        Assert.Equal(SourceKind.Csv, dataset.Kind);
        Assert.Equal(["img/0.png", "img/1.png"], dataset.Records.Select(r => r.File));
        Assert.Equal(["x", "y"], dataset.Classes);
        Assert.Equal(TestPictures.Ramp(12, 10, 3, 1), dataset.Read(1).Bytes.ToArray());
    }

    [Fact]
    public void Columns_may_be_named()
    {
        string csv = "picture,dx,who,fold,sex\nimg/0.png,mel,p1,train,f\nimg/1.png,nv,p2,test,m\n";
        using var dataset = ImageDataset.Open(_folder.Write("data/t.csv", csv), new DatasetOptions { ImageColumn = "picture", LabelColumn = "dx", PatientColumn = "who", SplitColumn = "fold", AttributeColumns = ["sex"] });
        Assert.Equal("p2", dataset.Records[1].Patient);
        Assert.Equal("test", dataset.Records[1].Split);
        Assert.Equal("m", dataset.Records[1].Attributes["sex"]);
    }

    [Fact]
    public void All_named_columns_that_are_missing_are_listed_at_once()
    {
        string path = _folder.Write("data/t.csv", "file,label\nimg/0.png,x\n");
        DataFormatException e = Assert.Throws<DataFormatException>(() => ImageDataset.Open(path, new DatasetOptions { PatientColumn = "pat", AttributeColumns = ["sex", "age"], LabelColumn = "labels" }));
        Assert.Equal(4, e.Problems.Count);
        Assert.Contains(e.Problems, p => p.Hint.Contains("did you mean 'label'", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("../secret.png")]
    [InlineData("img/../../secret.png")]
    [InlineData("..\\secret.png")]
    [InlineData("../data2/0.png")]
    public void Paths_that_leave_the_folder_are_refused(string path)
    {
        _folder.Write("secret.png", TestPictures.Png());
        _folder.Write("data2/0.png", TestPictures.Png());
        DataFormatException e = Assert.Throws<DataFormatException>(() => ImageDataset.Open(_folder.Write("data/t.csv", $"file,label\n{path},x\nimg/1.png,y\n"), AllTrain));
        Assert.Contains("leads out of the folder", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Absolute_paths_need_a_root_that_the_user_gave()
    {
        string csv = _folder.Write("tables/t.csv", $"file,label\n{_folder.At("data/img/0.png")},x\n{_folder.At("data/img/1.png")},y\n");
        DataFormatException e = Assert.Throws<DataFormatException>(() => ImageDataset.Open(csv, AllTrain));
        Assert.Contains("absolute path", e.Message, StringComparison.Ordinal);
        using var dataset = ImageDataset.Open(csv, AllTrain with { ImageRoot = _folder.At("data") });
        Assert.Equal(12, dataset.Read(1).Width);
        Assert.Throws<DataFormatException>(() => ImageDataset.Open(csv, AllTrain with { ImageRoot = _folder.At("tables") }));
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("file,label\nimg/0.png,x,3\n", "line 2: 3 fields; the header has 2")]
    [InlineData("file,label,label\nimg/0.png,x,3\n", "columns named 'label'")]
    [InlineData("file,label\n", "no images")]
    [InlineData("file,label\nimg/0.png,x\0\n", "zero byte")]
    [InlineData("file,label\nimg/0.png,\"x\nimg/1.png,y\n", "t.csv")]
    public void Broken_tables_are_refused_with_the_place(string csv, string expected)
    {
        DataFormatException e = Assert.Throws<DataFormatException>(() => ImageDataset.Open(_folder.Write("data/t.csv", csv), AllTrain));
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_encodings_are_refused_by_name()
    {
        string latin = _folder.Write("data/t.csv", [.. "file,label\nimg/0.png,b"u8, 0xF6, .. "se\n"u8]);
        Assert.Contains("not UTF-8 text (byte", Assert.Throws<DataFormatException>(() => ImageDataset.Open(latin)).Message, StringComparison.Ordinal);
        string wide = _folder.Write("data/u.csv", System.Text.Encoding.Unicode.GetPreamble().Concat(System.Text.Encoding.Unicode.GetBytes("file,label\n")).ToArray());
        Assert.Contains("UTF-16", Assert.Throws<DataFormatException>(() => ImageDataset.Open(wide)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_file_under_two_spellings_is_refused()
    {
        DataFormatException e = Assert.Throws<DataFormatException>(() => ImageDataset.Open(_folder.Write("data/t.csv", "file,label\nimg/0.png,x\nimg/./0.png,y\n"), AllTrain));
        Assert.Contains("line 3: 'img/./0.png' is a file that is listed before", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_field_of_excessive_length_is_refused()
    {
        DataFormatException e = Assert.Throws<DataFormatException>(() => ImageDataset.Open(_folder.Write("data/t.csv", "file,label\n" + new string('x', 1 << 20) + ",y\n")));
        Assert.Contains("t.csv", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_vanishes_after_opening_is_named()
    {
        using var dataset = ImageDataset.Open(_folder.Write("data/t.csv", "file,label\nimg/0.png,x\nimg/1.png,y\n"), AllTrain);
        File.Delete(_folder.At("data/img/1.png"));
        DataFormatException e = Assert.Throws<DataFormatException>(() => dataset.Read(1));
        Assert.Contains("'img/1.png' cannot be read: there is no such file", e.Message, StringComparison.Ordinal);
    }
}
