using System.Security.Cryptography;
using Pellicle.Core.Errors;
using Pellicle.Data;
using Pellicle.NeuraCrypt.Hospitals;
using Pellicle.NeuraCrypt.Release;

namespace Pellicle.NeuraCrypt.Tests.Release;

public sealed class ReleaseHashTests
{
    [Fact]
    public void Changed_labels_are_found_by_verification_by_merging_and_by_training()
    {
        using var trial = new ReleaseTrial();
        trial.Run(request => request);
        Assert.Empty(trial.Verify().ChangedFiles);
        string labels = Path.Combine(trial.Public, "labels.csv");
        File.WriteAllText(labels, File.ReadAllText(labels).Replace("pneumonia", "normal", StringComparison.Ordinal));
        Assert.Equal(["labels.csv"], trial.Verify().ChangedFiles);
        Assert.Equal(0, trial.Verify().Mismatches);
        Assert.Contains("'labels.csv' of 'a'", Merge(trial).Message, StringComparison.Ordinal);
        Assert.Contains("SHA-256", Assert.Throws<DataFormatException>(() => ImageDataset.Open("encoded:" + trial.Public)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_changed_scale_of_eight_bit_encodings_is_found_by_verification_by_merging_and_by_training()
    {
        using var trial = new ReleaseTrial();
        trial.Run(request => request with { Type = EncodingType.Int8 });
        Assert.Empty(trial.Verify().ChangedFiles);
        string scale = Path.Combine(trial.Public, "encodings", "scale.npy");
        byte[] bytes = File.ReadAllBytes(scale);
        bytes[^1] ^= 1;
        File.WriteAllBytes(scale, bytes);
        Assert.Equal(["encodings/scale.npy"], trial.Verify().ChangedFiles);
        Assert.Contains("'encodings/scale.npy' of 'a'", Merge(trial).Message, StringComparison.Ordinal);
        Assert.Throws<DataFormatException>(() => ImageDataset.Open("encoded:" + trial.Public));
    }

    [Fact]
    public void A_signature_covers_the_hashes_of_labels_and_scale()
    {
        using var trial = new ReleaseTrial();
        using (var key = ECDsa.Create(ECCurve.NamedCurves.nistP256))
        {
            File.WriteAllText(trial.At("sign.pem"), key.ExportPkcs8PrivateKeyPem());
        }

        trial.Run(request => request with { Type = EncodingType.Int8, SigningKey = trial.At("sign.pem") });
        EncodedManifest manifest = PublicTables.ReadManifest(trial.Public);
        Assert.True(ManifestSigning.IsValid(manifest));
        Assert.False(ManifestSigning.IsValid(manifest with { LabelsSha256 = new string('0', 64) }));
        Assert.False(ManifestSigning.IsValid(manifest with { Scale = null }));
    }

    private static DataFormatException Merge(ReleaseTrial trial) =>
        Assert.Throws<DataFormatException>(() => MergePipeline.Run(new MergeRequest { Releases = [("a", trial.Public)], OutFolder = trial.At("merged") }));
}
