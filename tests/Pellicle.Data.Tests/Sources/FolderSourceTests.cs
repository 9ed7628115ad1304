using Pellicle.Core.Errors;

namespace Pellicle.Data.Tests.Sources;

public sealed class FolderSourceTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Subfolders_are_classes_in_sorted_order()
    {
        _folder.Write("set/zebra/1.png", TestPictures.Png());
        _folder.Write("set/ant/b.JPG", TestPictures.Jpeg());
        _folder.Write("set/ant/deep/a.jpeg", TestPictures.Jpeg());
        _folder.Write("set/ant/notes.txt", "left out");
        _folder.Write("set/.hidden/x.png", TestPictures.Png());
        using var dataset = ImageDataset.Open(_folder.At("set"), new DatasetOptions { Split = "100/0/0" });
        Assert.Equal(SourceKind.Folder, dataset.Kind);
        Assert.Equal(["ant", "zebra"], dataset.Classes);
        Assert.Equal(["ant/b.JPG", "ant/deep/a.jpeg", "zebra/1.png"], dataset.Records.Select(r => r.File));
        Assert.Contains("1 files with other extensions", Assert.Single(dataset.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Split_folders_are_recognised()
    {
        foreach (string split in new[] { "train", "val", "test" })
        {
            _folder.Write($"set/{split}/a/1.png", TestPictures.Png());
            _folder.Write($"set/{split}/b/1.png", TestPictures.Png());
        }

        using var dataset = ImageDataset.Open("folder:" + _folder.At("set"));
        Assert.Equal(["a", "b"], dataset.Classes);
        Assert.All(SplitName.All, s => Assert.Equal(2, dataset.IndicesOf(s).Count));
    }

    [Fact]
    public void A_folder_without_pictures_says_what_was_expected()
    {
        _folder.Write("set/a/readme.md", "x");
        DataFormatException e = Assert.Throws<DataFormatException>(() => ImageDataset.Open(_folder.At("set")));
        Assert.Contains("one subfolder per class", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Columns_cannot_be_named_for_a_folder()
    {
        _folder.Write("set/a/1.png", TestPictures.Png());
        UsageException e = Assert.Throws<UsageException>(() => ImageDataset.Open(_folder.At("set"), new DatasetOptions { PatientColumn = "lesion" }));
        Assert.Contains("'lesion'", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_fingerprint_changes_with_a_file_and_not_without()
    {
        _folder.Write("set/a/1.png", TestPictures.Png());
        _folder.Write("set/b/2.png", TestPictures.Png());
        string before = Fingerprint();
        Assert.Equal(before, Fingerprint());
        _folder.Write("set/b/2.png", TestPictures.Png(13));
        string changed = Fingerprint();
        Assert.NotEqual(before, changed);
        _folder.Write("set/b/3.png", TestPictures.Png());
        Assert.NotEqual(changed, Fingerprint());
    }

    private string Fingerprint()
    {
        using var dataset = ImageDataset.Open(_folder.At("set"), new DatasetOptions { Split = "100/0/0" });
        return dataset.Fingerprint;
    }
}
