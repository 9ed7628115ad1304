using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Data;
using Pellicle.Data.Splits;
using Pellicle.Native;
using Pellicle.Tensors;
using Pellicle.Viewmaker.Evaluation;
using Pellicle.Viewmaker.Release;
using Pellicle.Viewmaker.Subjects;

namespace Pellicle.Viewmaker.Attacks;

/// <summary>Learns to undo an obfuscation from pairs of files with the same relative name in two folders, and measures the rest of the pairs.</summary>
public static class ReconstructAttackPipeline
{
    private const double TrainingShare = 0.7;
    private const int SheetRows = 8;
    private const int FewestPairs = 20;

    /// <summary>Attacks.</summary>
    /// <param name="target">Folder of obfuscated images, whoever obfuscated them.</param>
    /// <param name="originals">Folder of originals.</param>
    /// <param name="side">Side at which pictures are compared, pixels.</param>
    /// <param name="epochs">Passes over the training pairs.</param>
    /// <param name="sheet">PNG with original, obfuscated and restored pictures.</param>
    /// <param name="seed">Split and initial values.</param>
    /// <param name="threads">Threads of numerical kernels.</param>
    /// <param name="cancellation">Checked between steps.</param>
    /// <exception cref="PellicleException">The folders hold too few pairs, or files cannot be read.</exception>
    public static ReconstructAttackResult Run(string target, string originals, int side, int epochs, string sheet, ulong seed, int threads, CancellationToken cancellation = default)
    {
        NativeRuntime.Start(threads);
        Dictionary<string, string> released = FilesOf(target), known = FilesOf(originals);
        string[] names = [.. released.Keys.Where(known.ContainsKey).Order(StringComparer.Ordinal)];
        if (names.Length < FewestPairs)
        {
            throw new DataFormatException($"'{target}' and '{originals}' share {names.Length} relative names; expected at least {FewestPairs} pairs.", "Give the folder that was obfuscated and the folder of the results.");
        }

        int channels = ImageFile.Read(known[names[0]]).Channels;
        PictureSet before = Read(names, known, channels, side), after = Read(names, released, channels, side);
        int[] training = [.. Enumerable.Range(0, names.Length).Where(i => StableHash.Position("reconstruct", seed, names[i]) < TrainingShare)];
        int[] test = [.. Enumerable.Range(0, names.Length).Except(training)];
        ISeededRandom random = new SeededRandom(seed).Derive("reconstruct");
        using var restoration = new Restoration(channels, random.Derive("init"));
        restoration.Fit(after.Take(training), before.Take(training), epochs, random, cancellation);
        PictureSet truth = before.Take(test), restored = restoration.Restore(after.Take(test));
        Fidelity fidelity = Fidelity.Of(truth, restored, null), untouched = Fidelity.Of(truth, after.Take(test), null);
        PictureSheet.Write(sheet, PictureSheet.Draw([.. Enumerable.Range(0, Math.Min(SheetRows, test.Length)).Select(row => (IReadOnlyList<float[]>)[Tile(truth, row), Tile(after.Take([test[row]]), 0), Tile(restored, row)])], side, Math.Max(1, 128 / side)));
        double guessing = Error(truth, MeanOf(before.Take(training), truth.Count));
        return new ReconstructAttackResult(
            target, "restoration", test.Length, fidelity.Psnr, fidelity.Ssim, Error(truth, restored) / guessing, untouched.Psnr, untouched.Ssim, Error(truth, after.Take(test)) / guessing, sheet);
    }

    private static Dictionary<string, string> FilesOf(string folder) => Directory.Exists(folder)
        ? Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(file => ImageFile.Extensions.Contains(Path.GetExtension(file).ToLowerInvariant()))
            .GroupBy(file => Path.ChangeExtension(Path.GetRelativePath(folder, file), null)).ToDictionary(group => group.Key, group => group.Order(StringComparer.Ordinal).First())
        : throw new DataFormatException($"'{folder}' is no folder.", "Give a folder of images.");

    private static PictureSet Read(string[] names, Dictionary<string, string> files, int channels, int side)
    {
        var transform = new ImageTransform(side, channels, new float[channels], [.. Enumerable.Repeat(1f, channels)]);
        var values = new float[transform.SampleCount];
        return PictureSet.Fill(channels, side, names.Length, (i, samples) =>
        {
            transform.Apply(ImageFile.Read(files[names[i]]), values);
            PictureSet.Quantise(values, samples);
        });
    }

    private static PictureSet MeanOf(PictureSet pictures, int count)
    {
        var sums = new long[pictures.SampleCount];
        for (int row = 0; row < pictures.Count; row++)
        {
            for (int k = 0; k < sums.Length; k++)
            {
                sums[k] += pictures[row][k];
            }
        }

        return PictureSet.Fill(pictures.Channels, pictures.Side, count, (_, samples) =>
        {
            for (int k = 0; k < sums.Length; k++)
            {
                samples[k] = (byte)((sums[k] + (pictures.Count / 2)) / pictures.Count);
            }
        });
    }

    private static double Error(PictureSet truth, PictureSet guess)
    {
        double sum = 0;
        for (int row = 0; row < truth.Count; row++)
        {
            for (int k = 0; k < truth.SampleCount; k++)
            {
                double difference = truth[row][k] - guess[row][k];
                sum += difference * difference;
            }
        }

        return Math.Max(1e-12, sum / truth.Count);
    }

    private static float[] Tile(PictureSet set, int row)
    {
        using TensorScope scope = TensorScope.Open();
        Tensor picture = set.Batch([row]).Select(0, 0);
        return (set.Channels == 3 ? picture : picture.Expand(3, set.Side, set.Side)).Permute(1, 2, 0).Contiguous().ToArray<float>();
    }
}

/// <summary>Result of <c>attack reconstruct</c>; property names are the JSON fields.</summary>
/// <param name="Target">What was attacked.</param>
/// <param name="Method">restoration.</param>
/// <param name="Images">Test pictures.</param>
/// <param name="PsnrMean">Restored against original, dB; null if equal.</param>
/// <param name="SsimMean">Restored against original.</param>
/// <param name="MseOverMeanBaseline">Squared error over that of guessing the mean training picture: 1 and above restores nothing.</param>
/// <param name="PsnrObfuscated">Obfuscated against original, dB; null if equal.</param>
/// <param name="SsimObfuscated">Obfuscated against original.</param>
/// <param name="MseObfuscatedOverMeanBaseline">The same of the obfuscated pictures as they are: what an attacker has for nothing.</param>
/// <param name="Sheet">PNG. Columns: original, obfuscated, restored. It shows patients.</param>
public sealed record ReconstructAttackResult(string Target, string Method, int Images, double? PsnrMean, double SsimMean, double MseOverMeanBaseline, double? PsnrObfuscated, double SsimObfuscated, double MseObfuscatedOverMeanBaseline, string Sheet);
