using Pellicle.Core.Errors;

namespace Pellicle.Data.Tests.Sources;

public sealed class SourceAddressTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_mistyped_kind_gets_the_nearest()
    {
        UsageException e = Assert.Throws<UsageException>(() => ImageDataset.Open("packs:a.zip"));
        Assert.Contains("'packs:'", e.Message, StringComparison.Ordinal);
        Assert.Contains("'pack:'", e.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nowhere.zip")]
    [InlineData("csv:nowhere.csv")]
    [InlineData("folder:nowhere")]
    [InlineData("encoded:nowhere")]
    public void A_missing_path_is_named(string source)
    {
        DataFormatException e = Assert.Throws<DataFormatException>(() => ImageDataset.Open(source));
        Assert.Contains("does not exist", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Empty_texts_are_usage_errors()
    {
        Assert.Throws<UsageException>(() => ImageDataset.Open(""));
        Assert.Throws<UsageException>(() => ImageDataset.Open("pack:"));
    }

    [Fact]
    public void A_file_where_a_folder_is_expected_is_said_so()
    {
        string path = _folder.Write("a.zip", TestPictures.Pack(4));
        DataFormatException e = Assert.Throws<DataFormatException>(() => ImageDataset.Open("folder:" + path));
        Assert.Contains("is a file", e.Message, StringComparison.Ordinal);
        Assert.Contains("is a folder", Assert.Throws<DataFormatException>(() => ImageDataset.Open("pack:" + _folder.Root)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_zip_of_something_else_and_a_single_picture_are_refused()
    {
        byte[] zip = TestPictures.Pack("x", []);
        zip.AsSpan().Replace((byte)'l', (byte)'L'); // Labels.csv is not labels.csv
        Assert.Contains("ZIP without labels.csv", Assert.Throws<DataFormatException>(() => ImageDataset.Open(_folder.Write("a.zip", zip))).Message, StringComparison.Ordinal);
        Assert.Contains("neither", Assert.Throws<DataFormatException>(() => ImageDataset.Open(_folder.Write("a.png", TestPictures.Png()))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_content_decides_the_kind_of_a_bare_path_not_its_extension()
    {
        using var dataset = ImageDataset.Open(_folder.Write("archive.bin", TestPictures.Pack(5)));
        Assert.Equal(SourceKind.Pack, dataset.Kind);
    }
}
