using Pellicle.Core.Random;
using Pellicle.Data;

namespace Pellicle.NeuraCrypt.Release;

/// <summary>Hides the number of pictures of a release: mixtures of two training pictures of one class fill it up to a multiple of N.</summary>
/// <remarks>A mixture is a training image like others (Zhang et al. 2018, "mixup", within a class); test images stay as they are.</remarks>
internal static class CountPadding
{
    private const int Thirds = 3;

    /// <summary>Draws the mixtures.</summary>
    /// <param name="dataset">Gives splits and classes.</param>
    /// <param name="records">Pictures of the release.</param>
    /// <param name="multiple">N; 0 pads nothing.</param>
    /// <param name="random">The cryptographic generator.</param>
    public static IReadOnlyList<PictureMixture> Draw(ImageDataset dataset, IReadOnlyList<int> records, int multiple, ISecureRandom random)
    {
        int missing = multiple == 0 ? 0 : (multiple - (records.Count % multiple)) % multiple;
        int[][] classes = [.. records.Where(r => dataset.Records[r].Split == SplitName.Train).GroupBy(r => dataset.Records[r].Label).Select(g => g.ToArray()).Where(g => g.Length > 1)];
        Dictionary<int, int[]> classOf = classes.ToDictionary(g => dataset.Records[g[0]].Label);
        int[] pool = [.. classes.SelectMany(g => g)];
        return missing == 0 || pool.Length == 0
            ? []
            : [.. Enumerable.Range(0, missing).Select(_ =>
            {
                int first = pool[Keys.PatchShuffle.Below(pool.Length, random)];
                int[] others = [.. classOf[dataset.Records[first].Label].Where(r => r != first)];
                return new PictureMixture(first, others[Keys.PatchShuffle.Below(others.Length, random)], (1 + Keys.PatchShuffle.Below(Thirds, random)) / 4f);
            })];
    }
}
