namespace Pellicle.Data.Tests.RealData;

/// <summary>The counts are those of the packs' own description.</summary>
public sealed class RealPackTests
{
    [SharedFact("data/ham10000-200x150.zip")]
    public void Ham10000_has_its_published_counts()
    {
        using var dataset = ImageDataset.Open(SharedFiles.Locate("data/ham10000-200x150.zip"), new DatasetOptions { PatientColumn = "lesion", AttributeColumns = ["sex"] });
        Assert.Equal(SourceKind.Pack, dataset.Kind);
        Assert.Equal(["benign", "malignant"], dataset.Classes);
        Assert.Equal(5918, dataset.IndicesOf("train").Count);
        Assert.Equal(1472, dataset.IndicesOf("test").Count);
        Assert.Equal(1133, dataset.IndicesOf("train").Count(i => dataset.Records[i].Label == 1));
        Assert.Equal(3971, dataset.Records.Count(r => r.Attributes["sex"] == "male"));
        Assert.Equal(64, dataset.Fingerprint.Length);
    }

    [SharedFact("data/ham10000-200x150.zip")]
    public void Ham10000_images_decode_to_200_by_150_colours()
    {
        using var dataset = ImageDataset.Open("pack:" + SharedFiles.Locate("data/ham10000-200x150.zip"), new DatasetOptions { Limit = 40, Seed = 1 });
        for (int i = 0; i < dataset.Records.Count; i++)
        {
            RawImage image = dataset.Read(i);
            Assert.Equal((200, 150, 3), (image.Width, image.Height, image.Channels));
            Assert.True(image.Bytes.ToArray().Distinct().Count() > 30);
        }
    }

    [SharedFact("data/odir5k-224.zip", "data/pneumonia-xray-224.zip", "data/covid-xray-256.zip", "data/nih-xray-64.zip", "data/pneumoniamnist-28.zip", "data/mednist-64-sample.zip")]
    [Trait(Speed.Trait, Speed.Slow)]
    public void Every_pack_opens_with_its_counts_and_a_sample_decodes()
    {
        (string Pack, int Train, int Test, int Classes, string? Patient)[] expected =
        [
            ("odir5k-224", 3845, 886, 8, "patient"),
            ("pneumonia-xray-224", 1819, 476, 2, "patient"),
            ("covid-xray-256", 198, 47, 3, "patient"),
            ("nih-xray-64", 633, 143, 2, "patient"),
            ("pneumoniamnist-28", 4682, 524, 2, null),
            ("mednist-64-sample", 4640, 1260, 6, null),
        ];
        foreach ((string pack, int train, int test, int classes, string? patient) in expected)
        {
            using var dataset = ImageDataset.Open(SharedFiles.Locate($"data/{pack}.zip"));
            Assert.Equal((train, test, classes), (dataset.IndicesOf("train").Count, dataset.IndicesOf("test").Count, dataset.Classes.Count));
            Assert.Equal(patient, dataset.PatientColumn);
            Assert.Empty(dataset.IndicesOf("validation"));
            for (int i = 0; i < dataset.Records.Count; i += 97)
            {
                Assert.InRange(dataset.Read(i).Width, 28, 1024);
            }
        }
    }

    [SharedFact("data/mnist.zip")]
    public void Mnist_digits_are_read_from_the_zip()
    {
        using var dataset = ImageDataset.Open("idx:" + SharedFiles.Locate("data/mnist.zip"));
        Assert.Equal(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"], dataset.Classes);
        Assert.Equal(60000, dataset.IndicesOf("train").Count);
        Assert.Equal(10000, dataset.IndicesOf("test").Count);
        Assert.Equal([5, 0, 4, 1, 9], dataset.Records.Take(5).Select(r => r.Label));
        Assert.Equal([7, 2, 1, 0], dataset.IndicesOf("test").Take(4).Select(i => dataset.Records[i].Label));

        using var loader = new ImageLoader(dataset, ImageTransform.For(dataset.Kind, 28, 1));
        int[] batch = [.. Enumerable.Range(0, 2000)];
        var images = new float[batch.Length * 784];
        loader.Fill(batch, images);
        Assert.InRange(images.Average(), -0.03, 0.03); // the constants are the mean and deviation of these images
        Assert.InRange(images.Select(x => (double)x * x).Average(), 0.96, 1.04);
    }

    [SharedFact("data/ham10000-200x150.zip")]
    [Trait(Speed.Trait, Speed.Full)]
    public void Every_image_of_ham10000_decodes()
    {
        using var dataset = ImageDataset.Open(SharedFiles.Locate("data/ham10000-200x150.zip"));
        var transform = ImageTransform.Centred(64, 3);
        using var loader = new ImageLoader(dataset, transform, new LoaderOptions { CacheBytes = 0 });
        int[] all = [.. Enumerable.Range(0, dataset.Records.Count)];
        foreach (int[] batch in all.Chunk(500))
        {
            var images = new float[batch.Length * transform.SampleCount];
            loader.Fill(batch, images);
            Assert.InRange(images.Min(), -1f, 1f);
            Assert.InRange(images.Max(), -1f, 1f);
        }
    }
}
