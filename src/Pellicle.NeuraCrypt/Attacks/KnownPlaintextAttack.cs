using Pellicle.NeuraCrypt.Encoders;
using Pellicle.NeuraCrypt.Keys;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>Learns the secret encoder from m known pairs and finds the other pictures by what it predicts: undo the shuffle → fit an encoder → compare.</summary>
/// <remarks>As control, <c>wrong-pairs</c> learns from pairs that do not belong together and must do no better than predicting the mean.</remarks>
/// <param name="wrong">True makes it that control.</param>
internal sealed class KnownPlaintextAttack(bool wrong = false) : EncodingAttack
{
    private const int FewestUnknown = 16;

    public override string Name => wrong ? "wrong-pairs" : "known-plaintext";

    public override bool IsControl => wrong;

    public override IReadOnlyList<string> AttackerKnows => wrong ? ["wrong picture–encoding pairs"] : ["candidate pictures", "family of the encoder", "picture–encoding pairs"];

    public override AttackFinding Run(AttackScene scene, AttackTarget target)
    {
        int most = Math.Max(1, target.Count - FewestUnknown);
        int[] counts = [.. scene.Budget.Pairs.Where(m => m <= most).Order()];
        if (counts.Length == 0)
        {
            counts = [most];
        }

        if (wrong)
        {
            counts = [Math.Max(2, counts[^1])];
        }

        var pairs = new KnownPairs(scene, target);
        int[] unknown = [.. Enumerable.Range(counts[^1], target.Count - counts[^1])];
        int[] order = PatchShuffle.Draw(unknown.Length, scene.Random); // candidates in an order of their own
        int[] candidates = [.. order.Select(place => target.Truth[unknown[place]])];
        int[] truth = [.. unknown.Select(encoding => Array.IndexOf(candidates, target.Truth[encoding]))];
        Tensor unordered = pairs.Take(unknown);
        double baseline = (unordered - unordered.Mean([0L, 1L], keep: true)).Square().Mean().Item();
        var stages = new List<AttackStage>();
        var extra = new Dictionary<string, double> { ["predMeanBaseline"] = baseline, ["positionMeanBaseline"] = (unordered - unordered.Mean(0)).Square().Mean().Item() };
        MatchScore? score = null, noise = null;
        foreach (int m in counts)
        {
            using TensorScope scope = TensorScope.Open();
            using IRowEncoder learned = pairs.Learn(m, wrong);
            Tensor rest = pairs.Take(unknown);
            Tensor predicted = pairs.Predict(learned, candidates);
            double[,] cost = RowDistances.Of(rest, predicted);
            score = MatchScore.Of(cost, truth);
            stages.Add(new AttackStage($"{m} pairs", score.AssignmentAccuracy));
            extra[$"relativeMse{m}"] = truth.Select((candidate, i) => cost[i, candidate]).Average() / baseline;
            if (m == counts[^1])
            {
                noise = MatchScore.Of(RowDistances.Of(Noise(scene, target, pairs, unknown.Length), predicted), truth);
            }
        }

        if (!wrong && !pairs.IsLinear)
        {
            Invert(scene, target, pairs, counts[^1], unknown, extra);
        }

        return new AttackFinding { Score = score, Stages = stages, Extra = extra, RandomBits = noise };
    }

    private static Tensor Noise(AttackScene scene, AttackTarget target, KnownPairs pairs, int count)
    {
        Tensor noise = scene.NoiseLike(target).All().Narrow(0, 0, count);
        return pairs.IsLinear ? noise.Mean(1, keep: true) : noise;
    }

    // The way back: deviations of rows from their mean over the images, linearly to deviations of patches.
    private static void Invert(AttackScene scene, AttackTarget target, KnownPairs pairs, int m, int[] unknown, Dictionary<string, double> extra)
    {
        using GradientMode off = GradientMode.Off();
        using TensorScope scope = TensorScope.Open();
        EncoderArchitecture a = scene.Family.Architecture;
        int[] known = [.. Enumerable.Range(0, m)];
        Tensor Patches(int[] encodings) => PrivateEncoder.Patches(scene.Gallery.Pictures(encodings.Select(i => target.Truth[i])), a).Reshape(encodings.Length, a.Patches, -1);
        Tensor meanRows = pairs.Take([.. Enumerable.Range(0, target.Count)]).Mean(0);
        Tensor meanPatches = PrivateEncoder.Patches(scene.Gallery.Pictures(Enumerable.Range(0, scene.Gallery.Count)), a).Reshape(scene.Gallery.Count, a.Patches, -1).Mean(0);
        using var regression = new RidgeRegression(a.HiddenDim, a.PatchValues);
        regression.Add((pairs.Take(known) - meanRows).Reshape(-1, a.HiddenDim), (Patches(known) - meanPatches).Reshape(-1, a.PatchValues));
        (Tensor weight, Tensor bias) = regression.Solve();
        Tensor restored = PrivateEncoder.Pictures((pairs.Take(unknown) - meanRows).Linear(weight, bias) + meanPatches, a);
        Tensor truth = PrivateEncoder.Pictures(Patches(unknown), a);
        double range = 255 / a.Std;
        extra["psnr"] = ImageFidelity.Psnr(restored, truth, range);
        extra["psnrOfMeanPicture"] = ImageFidelity.Psnr(PrivateEncoder.Pictures(meanPatches, a).Expand(truth.Shape), truth, range);
        extra["ssim"] = ImageFidelity.Ssim(restored, truth, range);
        extra["ssimOfMeanPicture"] = ImageFidelity.Ssim(PrivateEncoder.Pictures(meanPatches, a).Expand(truth.Shape), truth, range);
    }
}
