using System.Text;
using Pellicle.Core.Errors;
using Pellicle.Data.Synthetic;
using Pellicle.Formats.Zip;
using Pellicle.Native;

namespace Pellicle.Data.Tests.Synthetic;

public sealed class SyntheticImagesTests
{
    public static TheoryData<SyntheticKind> Kinds() => [.. Enum.GetValues<SyntheticKind>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Equal_options_give_equal_images_in_any_order_and_on_any_number_of_threads(SyntheticKind kind)
    {
        var options = new SyntheticOptions { Kind = kind, Images = 12, ImageSize = 24, Seed = 5 };
        byte[][] one = SyntheticImages.Generate(options).RenderAll(1);
        SyntheticSet again = SyntheticImages.Generate(options);

        Assert.Equal(one, again.RenderAll(3));
        Assert.Equal(one[7], again.Render(7));
        Assert.NotEqual(one[0], SyntheticImages.Generate(options with { Seed = 6 }).Render(0));
        Assert.Equal(12, one.Select(Convert.ToHexString).Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Images_have_contrast_and_are_not_clipped_away(SyntheticKind kind)
    {
        SyntheticSet set = SyntheticImages.Generate(new SyntheticOptions { Kind = kind, Images = 20, ImageSize = 40 });

        foreach (byte[] image in set.RenderAll(2))
        {
            Assert.Equal(40 * 40 * set.Channels, image.Length);
            double mean = image.Average(v => (double)v);
            double deviation = Math.Sqrt(image.Average(v => (v - mean) * (v - mean)));
            Assert.InRange(mean, 20, 235);
            Assert.InRange(deviation, 8, 110);
            Assert.True(image.Count(v => v == 255) < image.Length / 4);
        }
    }

    [Fact]
    public void Sex_and_age_are_independent_of_the_label()
    {
        IReadOnlyList<SyntheticRecord> records = SyntheticImages.Generate(new SyntheticOptions { Images = 20_000, AttributeStrength = 1 }).Records;

        double MalignantShare(Func<SyntheticRecord, bool> filter) => records.Where(filter).Average(r => (double)r.Label);

        // Standard deviation of a share over 10,000 images: 0.005. Six of them, both groups together.
        Assert.Equal(MalignantShare(r => r.Sex == "male"), MalignantShare(r => r.Sex == "female"), 0.042);
        Assert.Equal(MalignantShare(r => r.Age >= 54), MalignantShare(r => r.Age < 54), 0.042);
        Assert.Equal(0.4, MalignantShare(_ => true), 0.021);
        Assert.Equal(0.2, records.Average(r => r.Split == "test" ? 1.0 : 0.0), 0.017);
        Assert.All(records, r => Assert.InRange(r.Age, 18, 90));
    }

    [Fact]
    public void Planted_attributes_change_the_images_but_neither_records_nor_labels()
    {
        var options = new SyntheticOptions { Images = 60, Seed = 3 };
        SyntheticSet plain = SyntheticImages.Generate(options);
        SyntheticSet planted = SyntheticImages.Generate(options with { AttributeStrength = 1 });

        Assert.Equal(plain.Records, planted.Records);
        Assert.NotEqual(plain.Render(0), planted.Render(0));
        Assert.InRange(SexAuc(plain), 0.25, 0.75);
        Assert.True(SexAuc(planted) > 0.85, $"{SexAuc(planted)}");
    }

    [Fact]
    public void All_images_of_a_patient_are_in_one_split_and_share_sex_and_age()
    {
        SyntheticSet set = SyntheticImages.Generate(new SyntheticOptions { Images = 500, MaxImagesPerPatient = 5 });
        IGrouping<string, SyntheticRecord>[] patients = [.. set.Records.GroupBy(r => r.Patient)];

        Assert.Equal(500, set.Records.Count);
        Assert.Equal(500, set.Records.Select(r => r.File).Distinct().Count());
        Assert.InRange(patients.Length, 130, 220);
        Assert.Contains(patients, p => p.Count() == 5);
        Assert.All(patients, p => Assert.Single(p.Select(r => (r.Split, r.Sex, r.Age)).Distinct()));
    }

    [Fact]
    public void A_pack_has_the_layout_of_the_image_packs_and_says_that_it_is_synthetic()
    {
        using var folder = new TestFolder();
        var options = new SyntheticOptions { Images = 30, ImageSize = 20, Seed = 9 };
        SyntheticImages.Write(options, folder.At("a.zip"), threads: 2);
        SyntheticImages.Write(options, folder.At("b.zip"), threads: 1);
        SyntheticSet set = SyntheticImages.Generate(options);

        using ZipEntries zip = ZipEntries.Open(folder.At("a.zip"));
        string[] lines = Encoding.UTF8.GetString(zip.Read("labels.csv")).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(File.ReadAllBytes(folder.At("a.zip")), File.ReadAllBytes(folder.At("b.zip")));
        Assert.All(zip.Entries, entry => Assert.True(entry.IsStored));
        Assert.StartsWith(SyntheticImages.Notice, Encoding.UTF8.GetString(zip.Read(SyntheticImages.MarkerFile)), StringComparison.Ordinal);
        Assert.Equal("file,split,label,source,sex,age,patient", lines[0]);
        Assert.Equal(31, lines.Length);
        for (int i = 0; i < set.Records.Count; i++)
        {
            SyntheticRecord record = set.Records[i];
            Assert.Equal($"{record.File},{record.Split},{set.Classes[record.Label]},synthetic,{record.Sex},{record.Age},{record.Patient}", lines[i + 1]);
            Assert.Matches($"^images/{record.Split}/{set.Classes[record.Label]}/S[0-9]{{6}}\\.png$", record.File);
            byte[] png = zip.Read(record.File);
            ImageHeader header = ImageCodec.Probe(png, record.File);
            var pixels = new byte[20 * 20 * 3];
            ImageCodec.Decode(png, record.File, header, pixels);
            Assert.Equal(set.Render(i), pixels);
        }
    }

    [Fact]
    public void All_problems_of_the_options_are_listed_at_once()
    {
        var options = new SyntheticOptions { Images = 0, ImageSize = 5000, AttributeStrength = double.NaN, TestShare = 1, PositiveShare = 0, MaxImagesPerPatient = 0 };

        Assert.Equal(6, Assert.Throws<UsageException>(() => SyntheticImages.Generate(options)).Problems.Count);
        Assert.Contains("'ct'", Assert.Throws<UsageException>(() => SyntheticOptions.ParseKind("ct")).Message, StringComparison.Ordinal);
        Assert.Equal(SyntheticKind.XRay, SyntheticOptions.ParseKind("XRay"));
    }

    /// <summary>How well redness of the skin (corners excluded) tells the sexes apart; planted men are paler.</summary>
    private static double SexAuc(SyntheticSet set)
    {
        (double Score, bool IsMale)[] scores = [.. set.Records.Select((record, i) => (Paleness(set.Render(i)), record.Sex == "male"))];
        double wins = 0;
        int pairs = 0;
        foreach ((double male, _) in scores.Where(s => s.IsMale))
        {
            foreach ((double female, _) in scores.Where(s => !s.IsMale))
            {
                wins += male > female ? 1 : male == female ? 0.5 : 0;
                pairs++;
            }
        }

        return wins / pairs;

        static double Paleness(byte[] image)
        {
            double green = 0;
            double red = 0;
            for (int x = 8; x < 24; x++)
            {
                foreach (int y in (ReadOnlySpan<int>)[2, 3, 28, 29])
                {
                    red += image[(y * 32 + x) * 3];
                    green += image[(y * 32 + x) * 3 + 1];
                }
            }

            return green / red;
        }
    }
}
