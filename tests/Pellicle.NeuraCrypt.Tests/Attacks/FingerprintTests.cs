using Pellicle.Core.Random;
using Pellicle.Data;
using Pellicle.NeuraCrypt.Attacks;
using Pellicle.NeuraCrypt.Encoders;
using Pellicle.NeuraCrypt.Keys;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Tests.Attacks;

public class FingerprintTests
{
    [Fact]
    public void Fingerprints_do_not_depend_on_the_order_of_the_patches()
    {
        using TensorScope scope = TensorScope.Open();
        var random = new SeededRandom(1);
        float[] rows = [.. Enumerable.Range(0, 16 * 8).Select(_ => (float)random.NextGaussian())];
        int[] order = PatchShuffle.Draw(16, new FixedRandom(1));
        float[] shuffled = [.. order.SelectMany(row => rows[(row * 8)..((row + 1) * 8)])];
        Fingerprint a = Fingerprint.Of(Tensor.From<float>(rows, 1, 16, 8))[0];
        Fingerprint b = Fingerprint.Of(Tensor.From<float>(shuffled, 1, 16, 8))[0];
        Assert.All(Enumerable.Range(0, 8), i => Assert.Equal(a.Spectrum[i], b.Spectrum[i], 4)); // 8 of 16 eigenvalues are not zero
        Assert.All(Enumerable.Range(0, 16), i => Assert.Equal(a.RowSums[i], b.RowSums[i], 4));
        Assert.All(Enumerable.Range(0, 8), i => Assert.Equal(a.Mean[i], b.Mean[i], 5));
    }

    [Fact]
    [Trait(Speed.Trait, Speed.Slow)]
    public void Synthetic_X_rays_are_found_again_and_both_controls_hold()
    {
        // A small encoder leaks less than the published size; chance is 1/48.
        EncodingAttackResult result = Audit("synth:xray", 48, new EncoderArchitecture { Depth = 4, PatchSize = 8, HiddenDim = 256, ImageSize = 64 });
        Assert.True(result.ControlsPassed, $"identity {result.Controls.Identity}, random bits {result.Controls.RandomBits}");
        Assert.True(result.Worst.AssignmentAccuracy > 0.2, $"accuracy {result.Worst.AssignmentAccuracy}");
        Assert.Equal(ReidentificationRating.High, result.Rating);
    }

    [SharedFact("data/pneumonia-xray-224.zip")]
    [Trait(Speed.Trait, Speed.Full)]
    public void At_least_95_percent_of_128_real_X_rays_are_found_again_at_the_published_size()
    {
        EncodingAttackResult result = Audit("pack:" + SharedFiles.Locate("data/pneumonia-xray-224.zip"), 128, new EncoderArchitecture());
        Assert.True(result.ControlsPassed, $"identity {result.Controls.Identity}, random bits {result.Controls.RandomBits}");
        Assert.True(result.Worst.AssignmentAccuracy >= 0.95, $"accuracy {result.Worst.AssignmentAccuracy}");
    }

    private static EncodingAttackResult Audit(string source, int count, EncoderArchitecture architecture)
    {
        using TensorScope scope = TensorScope.Open();
        using ImageDataset dataset = ImageDataset.Open(source, new DatasetOptions());
        using var loader = new ImageLoader(dataset, new ImageTransform(architecture.ImageSize, 1, [(float)(architecture.Mean / 255)], [(float)(architecture.Std / 255)]));
        int[] records = [.. dataset.IndicesOf(SplitName.Test).Concat(dataset.IndicesOf(SplitName.Train)).Take(count)];
        Tensor[] gallery = [.. records.Chunk(16).Select(chunk =>
        {
            Tensor images = Tensor.Empty(DType.Float32, chunk.Length, 1, architecture.ImageSize, architecture.ImageSize);
            loader.Fill(chunk, images.Data<float>());
            return images;
        })];
        using EncoderKey key = EncoderKey.Create(architecture, new SystemSecureRandom(), DateTimeOffset.UnixEpoch);
        EncoderWeights weights = key.DeriveWeights();
        key.Freeze(EncoderCalibration.Measure(weights, gallery));
        using PrivateEncoder encoder = key.OpenEncoder();
        return new EncodingAudit(TimeProvider.System).Run(architecture, [.. gallery.Select(encoder.Encode)], gallery, source);
    }
}
