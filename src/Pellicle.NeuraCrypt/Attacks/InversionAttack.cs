using Pellicle.NeuraCrypt.Encoders;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>Draws pictures from encodings without any pair: own encoders give pairs of fingerprints and small pictures → ridge regression → apply it to the target.</summary>
/// <remarks>Learned on one half of the gallery, judged on the other. Fingerprints hardly depend on the key, so what is learned under own keys carries over.</remarks>
internal sealed class InversionAttack : EncodingAttack
{
    private const int Side = 32;
    private const double Penalty = 1;

    public override string Name => "inversion";

    public override IReadOnlyList<string> AttackerKnows { get; } = ["pictures of the same distribution", "family of the encoder"];

    public override AttackFinding Run(AttackScene scene, AttackTarget target)
    {
        EncoderArchitecture a = scene.Family.Architecture;
        int side = Math.Min(Side, a.ImageSize);
        int[] learned = [.. Enumerable.Range(0, scene.Gallery.Count).Where(i => i % 2 == 0)];
        int[] judged = [.. Enumerable.Range(0, target.Count).Where(i => target.Truth[i] % 2 == 1)];
        Tensor Small(IEnumerable<int> pictures) => scene.Gallery.Pictures(pictures).AdaptiveAveragePool2d(side, side);
        Tensor known = Small(learned);
        Tensor mean = known.Mean(0);
        RidgeRegression? regression = null;
        try
        {
            for (int i = 0; i < scene.Budget.OwnEncoders; i++)
            {
                using TensorScope scope = TensorScope.Open();
                using IRowEncoder own = scene.Family.Draw(scene.Gallery.Batches);
                Tensor features = Features(scene.Each(pictures => Fingerprint.Of(own.Encode(pictures))));
                regression ??= new RidgeRegression((int)features.Size(1), a.Channels * side * side, Penalty);
                regression.Add(Take(features, learned), (known - mean).Reshape(learned.Length, -1));
            }

            (Tensor weight, Tensor bias) = regression!.Solve();
            Tensor victims = Take(Features(target.Each(Fingerprint.Of)), judged);
            Tensor restored = victims.Linear(weight, bias).Reshape(judged.Length, a.Channels, side, side) + mean;
            Tensor truth = Small(judged.Select(i => target.Truth[i]));
            double range = 255 / a.Std;
            Tensor same = mean.Unsqueeze(0).Expand(truth.Shape);
            return new AttackFinding
            {
                Extra = new Dictionary<string, double>
                {
                    ["side"] = side,
                    ["psnr"] = ImageFidelity.Psnr(restored, truth, range),
                    ["psnrOfMeanPicture"] = ImageFidelity.Psnr(same, truth, range),
                    ["ssim"] = ImageFidelity.Ssim(restored, truth, range),
                    ["ssimOfMeanPicture"] = ImageFidelity.Ssim(same, truth, range),
                },
            };
        }
        finally
        {
            regression?.Dispose();
        }
    }

    // Each number standardised over the images of one key.
    private static Tensor Features(IReadOnlyList<Fingerprint> fingerprints)
    {
        float[] values = [.. fingerprints.SelectMany(f => f.Spectrum.Concat(f.RowSums)).Select(v => (float)v)];
        Tensor features = Tensor.From<float>(values, fingerprints.Count, values.Length / fingerprints.Count);
        Tensor centred = features - features.Mean(0);
        return centred / (centred.Square().Mean(0).Sqrt() + 1e-9);
    }

    private static Tensor Take(Tensor features, int[] rows) => features.IndexSelect(0, Tensor.From<long>(Array.ConvertAll(rows, row => (long)row), rows.Length));
}
