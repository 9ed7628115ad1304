using Pellicle.Core.Errors;
using Pellicle.Data;
using Pellicle.Native;
using Pellicle.Training.Runs;

namespace Pellicle.Reporting.Runs;

/// <summary>Takes a few small pictures of the run's data for the report, never more than eight.</summary>
internal static class SamplePictures
{
    private const int Most = 8;
    private const int LargestSide = 512;

    /// <summary>Pictures from the test split, the classes in turn; empty if the data are gone, for the report must not depend on them.</summary>
    public static IReadOnlyList<SamplePicture> Take(string folder)
    {
        try
        {
            Training.Configuration.TrainConfig config = RunConfig.Read(RunFolder.Open(folder));
            using ImageDataset dataset = ImageDataset.Open(config.Data.Source!, RunConfig.DatasetOptions(config));
            IReadOnlyList<int> test = dataset.IndicesOf(SplitName.Test);
            int[] chosen = [.. test.GroupBy(i => dataset.Records[i].Label).SelectMany(g => g.Take(Most).Select((i, rank) => (i, rank))).OrderBy(x => x.rank).Take(Most).Select(x => x.i)];
            return [.. chosen.Select(i => (Record: dataset.Records[i], Image: dataset.Read(i))).Where(x => x.Image.Width <= LargestSide && x.Image.Height <= LargestSide)
                .Select(x => new SamplePicture($"{dataset.Classes[x.Record.Label]}, {x.Record.Split}", Encode(x.Image)))];
        }
        catch (PellicleException)
        {
            return [];
        }
    }

    /// <summary>A PNG of the run folder as a data URI; null if it is not there.</summary>
    /// <param name="file">The file.</param>
    public static string? Sheet(string file) => File.Exists(file) ? "data:image/png;base64," + Convert.ToBase64String(File.ReadAllBytes(file)) : null;

    private static string Encode(RawImage image)
    {
        byte[] samples = image.IsFloat ? [.. image.Floats.ToArray().Select(v => (byte)Math.Clamp(Math.Round(v * 255), 0, 255))] : image.Bytes.ToArray();
        return "data:image/png;base64," + Convert.ToBase64String(ImageCodec.EncodePng(samples, image.Width, image.Height, image.Channels));
    }
}
