using Pellicle.Core.Errors;
using Pellicle.Data;
using Pellicle.Native;
using Pellicle.Training.Configuration;
using Pellicle.Viewmaker.Attacks;
using Pellicle.Viewmaker.Tests.Training;

namespace Pellicle.Viewmaker.Tests.Attacks;

/// <summary>Attacks on folders that another tool obfuscated: here by a mean of 3 x 3 pixels, or by grey.</summary>
public class ForeignFolderTests
{
    private const int Side = 16;

    [Fact]
    [Trait(Speed.Trait, Speed.Slow)]
    public void Blurred_files_of_another_tool_are_restored_better_than_they_were_and_far_better_than_by_guessing()
    {
        using var folder = new TemporaryFolder();
        Write(folder, images: 150, Blurred);
        ReconstructAttackResult result = ReconstructAttackPipeline.Run(folder.In("out"), folder.In("in"), Side, epochs: 25, folder.In("sheet.png"), seed: 1, threads: 1);
        Assert.True(result.PsnrMean > result.PsnrObfuscated + 1, $"restored {result.PsnrMean}, obfuscated {result.PsnrObfuscated}");
        Assert.True(result.SsimMean > result.SsimObfuscated, $"restored {result.SsimMean}, obfuscated {result.SsimObfuscated}");
        Assert.InRange(result.MseOverMeanBaseline, 0, 0.5);
        Assert.True(File.Exists(result.Sheet));
    }

    [Fact]
    [Trait(Speed.Trait, Speed.Slow)]
    public void Untouched_files_are_found_untouched_and_grey_ones_give_back_the_mean_picture_at_best()
    {
        using var folder = new TemporaryFolder();
        Write(folder, images: 80, image => image);
        ReconstructAttackResult identity = ReconstructAttackPipeline.Run(folder.In("out"), folder.In("in"), Side, epochs: 2, folder.In("sheet.png"), seed: 1, threads: 1);
        Assert.Null(identity.PsnrObfuscated);
        Assert.Equal(1, identity.SsimObfuscated, 1e-4);
        Assert.InRange(identity.MseOverMeanBaseline, 0, 0.1);
        Write(folder, images: 80, image => new RawImage(image.Width, image.Height, image.Channels, new byte[image.Bytes.Length]));
        ReconstructAttackResult grey = ReconstructAttackPipeline.Run(folder.In("out"), folder.In("in"), Side, epochs: 4, folder.In("sheet.png"), seed: 1, threads: 1);
        Assert.True(grey.MseOverMeanBaseline > 0.95, $"error over that of the mean picture {grey.MseOverMeanBaseline}");
    }

    [Fact]
    [Trait(Speed.Trait, Speed.Slow)]
    public void An_attribute_is_read_from_blurred_files_whose_table_has_no_class()
    {
        using var folder = new TemporaryFolder();
        Write(folder, images: 500, Blurred);
        AttributeAttackResult result = Attack(folder);
        Assert.True(result.WorstLeakage > 0.85, $"leakage {result.WorstLeakage}");
        Assert.Null(result.FloorFromFinding);
        Assert.Empty(result.WithinFinding);
        Assert.True(result.Roc.Count > 2);
    }

    [Fact]
    public void A_file_of_the_table_that_is_not_in_the_folder_is_an_error_that_names_it()
    {
        using var folder = new TemporaryFolder();
        Write(folder, images: 30, Blurred);
        File.Delete(folder.In("out", "7.png"));
        var e = Assert.Throws<DataFormatException>(() => Attack(folder));
        Assert.Contains("7.png", e.Message + string.Concat(e.Problems.Select(p => p.Message)), StringComparison.Ordinal);
    }

    private static AttributeAttackResult Attack(TemporaryFolder folder)
    {
        TrainConfig config = SubjectTests.Config("csv:" + folder.In("labels.csv"));
        config = config with { Data = config.Data with { ImageRoot = folder.In("out") }, Obfuscate = config.Obfuscate with { Attributes = ["sex"] } };
        return new AttributeAttackPipeline(_ => { }).Run(config, new AttackOptions { Attackers = ["cnn_plain"], Seeds = 1, Epochs = 20, Replicates = 40 }, threads: 1).Single();
    }

    private static void Write(TemporaryFolder folder, int images, Func<RawImage, RawImage> obfuscate)
    {
        Directory.CreateDirectory(folder.In("in"));
        Directory.CreateDirectory(folder.In("out"));
        using ImageDataset set = ImageDataset.Open($"synth:discs,images={images},size={Side},strength=1");
        var table = new List<string> { "file,sex" };
        for (int i = 0; i < images; i++)
        {
            RawImage image = set.Read(i), other = obfuscate(image);
            File.WriteAllBytes(folder.In("in", $"{i}.png"), ImageCodec.EncodePng(image.Bytes, Side, Side, image.Channels));
            File.WriteAllBytes(folder.In("out", $"{i}.png"), ImageCodec.EncodePng(other.Bytes, Side, Side, other.Channels));
            table.Add($"{i}.png,{set.ColumnValues("sex")![i]}");
        }

        File.WriteAllLines(folder.In("labels.csv"), table);
    }

    private static RawImage Blurred(RawImage image)
    {
        int channels = image.Channels;
        byte[] samples = new byte[image.Bytes.Length], source = image.Bytes.ToArray();
        for (int i = 0; i < samples.Length; i++)
        {
            int c = i % channels, x = i / channels % Side, y = i / channels / Side, sum = 0, count = 0;
            for (int dy = Math.Max(0, y - 1); dy <= Math.Min(Side - 1, y + 1); dy++)
            {
                for (int dx = Math.Max(0, x - 1); dx <= Math.Min(Side - 1, x + 1); dx++)
                {
                    sum += source[(((dy * Side) + dx) * channels) + c];
                    count++;
                }
            }

            samples[i] = (byte)((sum + (count / 2)) / count);
        }

        return new RawImage(Side, Side, channels, samples);
    }
}
