using Pellicle.Core.Errors;
using Pellicle.Data.Preparation;

namespace Pellicle.Data.Tests.Preparation;

public sealed class PreparePipelineTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Prepared_images_give_the_same_numbers_as_the_source(bool grayscale)
    {
        string pack = _folder.Write("p.zip", TestPictures.Pack(30));
        var options = new DatasetOptions { AttributeColumns = ["sex"] };
        PrepareResult result = new PreparePipeline().Run(new PrepareRequest { Source = pack, Options = options, OutFolder = _folder.At("out"), ImageSize = 9, Grayscale = grayscale, ShardBytes = 9 * 9 * 3 * 7 });
        using var source = ImageDataset.Open(pack, options);
        using var prepared = ImageDataset.Open(_folder.At("out"), options);
        Assert.Equal(SourceKind.Prepared, prepared.Kind);
        Assert.Equal(grayscale ? (30, 2, 1) : (30, 5, 3), (result.Images, result.Shards, result.Channels));
        Assert.Equal(source.Classes, prepared.Classes);
        Assert.Equal(source.Records.Select(r => (r.File, r.Label, r.Split, r.Attributes["sex"])), prepared.Records.Select(r => (r.File, r.Label, r.Split, r.Attributes["sex"])));
        Assert.Equal(source.PatientCount, prepared.PatientCount);
        var transform = ImageTransform.Centred(9, grayscale ? 1 : 3);
        for (int i = 0; i < 30; i++)
        {
            var (a, b) = (new float[transform.SampleCount], new float[transform.SampleCount]);
            transform.Apply(source.Read(i), a);
            transform.Apply(prepared.Read(i), b);
            Assert.Equal(a, b);
        }
    }

    [Fact]
    public void Ids_of_patients_and_paths_of_the_machine_are_not_written()
    {
        string pack = _folder.Write("p.zip", TestPictures.Pack(20));
        new PreparePipeline().Run(new PrepareRequest { Source = pack, OutFolder = _folder.At("out"), ImageSize = 8 });
        string manifest = File.ReadAllText(_folder.At("out/manifest.json"));
        Assert.DoesNotContain("train-0", manifest, StringComparison.Ordinal);
        Assert.DoesNotContain("\"sex\"", manifest, StringComparison.Ordinal);
        Assert.Contains("\"file\": \"shard-0000.npy\"", manifest, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_image_leaves_nothing_behind_and_is_named()
    {
        string pack = _folder.Write("p.zip", TestPictures.Pack("file,label,split\na.png,x,train\nb.png,y,train\n", [("a.png", TestPictures.Png()), ("b.png", "no picture"u8.ToArray())]));
        DataFormatException e = Assert.Throws<DataFormatException>(() => new PreparePipeline().Run(new PrepareRequest { Source = pack, OutFolder = _folder.At("out"), ImageSize = 8 }));
        Assert.Contains("b.png", e.Message, StringComparison.Ordinal);
        Assert.Equal([pack], Directory.EnumerateFileSystemEntries(_folder.Root));
    }

    [Fact]
    public void What_an_interrupted_call_left_is_replaced_and_a_foreign_folder_never()
    {
        string pack = _folder.Write("p.zip", TestPictures.Pack(10));
        _folder.Write("out.partial/shard-0000.npy", "half");
        var request = new PrepareRequest { Source = pack, OutFolder = _folder.At("out"), ImageSize = 8 };
        new PreparePipeline().Run(request);
        Assert.False(Directory.Exists(_folder.At("out.partial")));
        Assert.Throws<UsageException>(() => new PreparePipeline().Run(request));
        Assert.Equal(10, new PreparePipeline().Run(request with { Replace = true }).Images);
        _folder.Write("other/precious.txt", "x");
        Assert.Throws<UsageException>(() => new PreparePipeline().Run(request with { OutFolder = _folder.At("other"), Replace = true }));
    }

    [Theory]
    [InlineData("\"imageSize\": 8", "\"imageSize\": 9")]
    [InlineData("shard-0000.npy", "../p.zip")]
    [InlineData("\"images\": 10,", "\"images\": 11,")]
    [InlineData("\"schemaVersion\": 1", "\"schemaVersion\": 2")]
    [InlineData("\"split\": \"test\"", "\"split\": \"other\"")]
    public void A_manifest_that_does_not_fit_its_shards_is_refused(string from, string to)
    {
        string pack = _folder.Write("p.zip", TestPictures.Pack(10));
        new PreparePipeline().Run(new PrepareRequest { Source = pack, OutFolder = _folder.At("out"), ImageSize = 8 });
        string text = File.ReadAllText(_folder.At("out/manifest.json"));
        Assert.Contains(from, text, StringComparison.Ordinal);
        _folder.Write("out/manifest.json", text.Replace(from, to, StringComparison.Ordinal));
        Assert.Throws<DataFormatException>(() => ImageDataset.Open(_folder.At("out")));
    }
}
