using Pellicle.Core.Errors;
using Pellicle.Data;
using Pellicle.Formats.Npy;
using Pellicle.Formats.Safetensors;
using Pellicle.Native;
using Pellicle.NeuraCrypt.Encoders;
using Pellicle.NeuraCrypt.Keys;
using Pellicle.Nn;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Release;

/// <summary>What <c>encode verify</c> tells.</summary>
/// <param name="PublicDir">The release.</param>
/// <param name="KeyId">Of the key given.</param>
/// <param name="Checked">Encodings compared.</param>
/// <param name="Mismatches">Encodings that are no encoding of a picture of the source under this key, second encodings of one picture, and files with another hash.</param>
/// <param name="LargestDifference">Largest difference of a number of an encoding that matches.</param>
/// <param name="ManifestSignatureValid">Null if the manifest is not signed.</param>
public sealed record VerifyResult(string PublicDir, string KeyId, int Checked, int Mismatches, double LargestDifference, bool? ManifestSignatureValid)
{
    /// <summary>Encodings that match no picture but can be mixtures that fill the release up; fewer than its manifest's multiple.</summary>
    public int Padding { get; init; }

    /// <summary>Pictures of the source without an encoding in the release.</summary>
    public int Unpublished { get; init; }

    /// <summary>Files of encodings, scale or labels that are missing or have another SHA-256 than the manifest says.</summary>
    public IReadOnlyList<string> ChangedFiles { get; init; } = [];
}

/// <summary>Checks a release: signature → hashes of files → encode the source again → find each published encoding among them, whatever the order of its patches.</summary>
/// <remarks>Needs neither the sealed map nor the order of the shuffle: an encoding is found by the mean of its rows, then compared row by row, and each picture answers for one encoding only.</remarks>
public static class VerifyPipeline
{
    private const int Batch = 16;

    /// <summary>Runs it.</summary>
    /// <param name="publicFolder">The release.</param>
    /// <param name="keyFile">Its key.</param>
    /// <param name="passphrase">Of the key; null for unsealed keys.</param>
    /// <param name="source">The pictures.</param>
    /// <param name="options">How to read them.</param>
    /// <param name="threads">Threads.</param>
    /// <param name="cancellation">Looked at between batches.</param>
    /// <exception cref="PellicleException">Another key, norms of the batch, or unusable files.</exception>
    public static VerifyResult Run(string publicFolder, string keyFile, Passphrase? passphrase, string source, DatasetOptions options, int threads, CancellationToken cancellation = default)
    {
        NativeRuntime.Start(threads);
        EncodedManifest manifest = PublicTables.ReadManifest(publicFolder);
        using EncoderKey key = EncoderKey.Open(keyFile, passphrase);
        if (key.KeyId != manifest.KeyId)
        {
            throw new DataFormatException($"the release was made with the key {manifest.KeyId}; '{keyFile}' is {key.KeyId}.", "Give the key of the release.");
        }

        if (manifest.Noise is not null)
        {
            throw new UsageException("encodings with noise are not those of any picture: they cannot be verified against pictures.", "'encode merge' checks hashes and signature.");
        }

        if (key.Architecture is { Normalisation: EncoderNormalisation.Batch, Depth: > 0 })
        {
            throw new UsageException("encodings with norms of the batch depend on which images were encoded together; verifying them is not in this version.", "Use --norm frozen.");
        }

        using TensorScope scope = TensorScope.Open();
        using var images = new ImageBatches(source, options, key.Architecture, threads);
        using PrivateEncoder encoder = key.OpenEncoder(manifest.Precision ?? ProductPrecision.Float32);
        int[] records = [.. Enumerable.Range(0, images.Dataset.Records.Count)];
        var matching = new PictureMatching(manifest.Precision == ProductPrecision.Bfloat16 && manifest.Dtype != EncodingType.Int8 ? EncodingType.Bf16 : manifest.Dtype, Int8Scale.Read(publicFolder, manifest), records.Length);
        Tensor means = Tensor.Concatenate(0, [.. records.Chunk(Batch).Select(chunk => Encode(images, encoder, chunk).Mean(1))]);
        string[] changed = [.. PublicTables.Changed(publicFolder, manifest)];
        int mismatches = 0;
        int unmatched = 0;
        double largest = 0;
        foreach (EncodedShard shard in manifest.Shards)
        {
            string path = Path.Combine(publicFolder, shard.File);
            if (changed.Contains(shard.File))
            {
                mismatches += shard.Count;
                continue;
            }

            foreach (float[] published in Read(path))
            {
                cancellation.ThrowIfCancellationRequested();
                using TensorScope one = TensorScope.Open();
                Tensor rows = Tensor.From<float>(matching.Restored(published), manifest.Shape[0], manifest.Shape[1]);
                if (matching.Match(rows, means, record => Encode(images, encoder, [record]).Select(0, 0)) is { } difference)
                {
                    largest = Math.Max(largest, difference);
                }
                else
                {
                    unmatched++;
                }
            }
        }

        // Mixtures that fill a release up are encodings of no picture; the manifest tells how many there can be.
        int padding = Math.Min(unmatched, Math.Max(0, (manifest.PaddedTo ?? 1) - 1));
        return new VerifyResult(publicFolder, key.KeyId, manifest.Count, mismatches + unmatched - padding, largest, ManifestSigning.IsValid(manifest)) { Padding = padding, Unpublished = records.Length - matching.Matched, ChangedFiles = changed };
    }

    private static Tensor Encode(ImageBatches images, PrivateEncoder encoder, int[] records)
    {
        using TensorScope scope = TensorScope.Open();
        return scope.Keep(encoder.Encode(images.Read(records)));
    }

    private static IEnumerable<float[]> Read(string path)
    {
        if (path.EndsWith(".npy", StringComparison.Ordinal))
        {
            yield return NpyFile.Read(path).ToFloats();
            yield break;
        }

        using var file = SafetensorsFile.Read(path);
        foreach (string id in file.Entries.Keys)
        {
            yield return file.ReadFloats(id);
        }
    }
}
