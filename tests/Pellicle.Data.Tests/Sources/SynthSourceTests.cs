using Pellicle.Core.Errors;
using Pellicle.Native;

namespace Pellicle.Data.Tests.Sources;

public sealed class SynthSourceTests
{
    [Fact]
    public void Synthetic_images_are_a_data_set_like_any_other()
    {
        using var dataset = ImageDataset.Open("synth:dermoscopy,images=60,size=32", new DatasetOptions { Seed = 4, AttributeColumns = ["sex"] });
        Assert.True(dataset.IsSynthetic);
        Assert.Equal(["benign", "malignant"], dataset.Classes);
        Assert.Equal(60, dataset.Records.Count);
        Assert.NotEmpty(dataset.RequireSplit("test"));
        Assert.All(dataset.Records, r => Assert.Contains(r.Attributes["sex"], new[] { "female", "male" }));
        RawImage image = dataset.Read(7);
        Assert.Equal((32, 32, 3), (image.Width, image.Height, image.Channels));
        Assert.Equal(image.HashPixels(), dataset.Read(7).HashPixels());
        Assert.NotEmpty(ImageCodec.EncodePng(image.Bytes, 32, 32, 3));
    }

    [Fact]
    public void Sex_may_be_the_label()
    {
        using var dataset = ImageDataset.Open("synth:xray,images=40", new DatasetOptions { LabelColumn = "sex" });
        Assert.Equal(["female", "male"], dataset.Classes);
    }

    [Fact]
    public void Patients_may_have_several_images_each_in_one_split()
    {
        using var dataset = ImageDataset.Open("synth:dermoscopy,images=200,size=16,per-patient=4");
        int[] sizes = [.. dataset.Records.GroupBy(r => r.Patient).Select(g => g.Count())];
        Assert.Equal(4, sizes.Max());
        Assert.InRange(sizes.Length, 200 / 4, 199);
        Assert.All(dataset.Records.GroupBy(r => r.Patient), patient => Assert.Single(patient.Select(r => r.Split).Distinct()));
    }

    [Fact]
    public void The_fingerprint_follows_seed_and_size()
    {
        string[] prints = [.. new[] { ("synth:xray,images=40", 1UL), ("synth:xray,images=40", 2UL), ("synth:xray,images=40,size=64", 1UL) }.Select(s =>
        {
            using var dataset = ImageDataset.Open(s.Item1, new DatasetOptions { Seed = s.Item2 });
            return dataset.Fingerprint;
        })];
        Assert.Equal(3, prints.Distinct().Count());
    }

    [Theory]
    [InlineData("synth:skin")]
    [InlineData("synth:xray,images=many")]
    [InlineData("synth:xray,colour=red")]
    [InlineData("synth:xray,size=4")]
    public void Unusable_requests_are_usage_errors(string source) => Assert.Throws<UsageException>(() => ImageDataset.Open(source));

    [Fact]
    public void An_unknown_column_lists_those_there_are()
    {
        DataFormatException e = Assert.Throws<DataFormatException>(() => ImageDataset.Open("synth:xray,images=10", new DatasetOptions { LabelColumn = "dx" }));
        Assert.Contains("file, split, label, patient, sex, age", e.Message, StringComparison.Ordinal);
    }
}
