using System.Security.Cryptography;
using Pellicle.Core.Errors;
using Pellicle.Data;
using Pellicle.Formats.Npy;
using Pellicle.Formats.Safetensors;
using Pellicle.Native;
using Pellicle.NeuraCrypt.Encoders;
using Pellicle.NeuraCrypt.Keys;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Release;

/// <summary>What <c>encode verify</c> tells.</summary>
/// <param name="PublicDir">The release.</param>
/// <param name="KeyId">Of the key given.</param>
/// <param name="Checked">Encodings compared.</param>
/// <param name="Mismatches">Encodings that are no encoding of a picture of the source under this key, and files with another hash.</param>
/// <param name="LargestDifference">Largest difference of a number of an encoding that matches.</param>
/// <param name="ManifestSignatureValid">Null if the manifest is not signed.</param>
public sealed record VerifyResult(string PublicDir, string KeyId, int Checked, int Mismatches, double LargestDifference, bool? ManifestSignatureValid);

/// <summary>Checks a release: signature → hashes of files → encode the source again → find each published encoding among them, whatever the order of its patches.</summary>
/// <remarks>Needs neither the sealed map nor the order of the shuffle: an encoding is found by the mean of its rows, then compared row by row.</remarks>
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

        if (key.Architecture is { Normalisation: EncoderNormalisation.Batch, Depth: > 0 })
        {
            throw new UsageException("encodings with norms of the batch depend on which images were encoded together; verifying them is not in this version.", "Use --norm frozen.");
        }

        using TensorScope scope = TensorScope.Open();
        using var images = new ImageBatches(source, options, key.Architecture, threads);
        using PrivateEncoder encoder = key.OpenEncoder();
        int[] records = [.. Enumerable.Range(0, images.Dataset.Records.Count)];
        Tensor means = Tensor.Concatenate(0, [.. records.Chunk(Batch).Select(chunk => Encode(images, encoder, chunk).Mean(1))]);
        int mismatches = 0;
        double largest = 0;
        foreach (EncodedShard shard in manifest.Shards)
        {
            string path = Path.Combine(publicFolder, shard.File);
            if (!HasHash(path, shard.Sha256))
            {
                mismatches += shard.Count;
                continue;
            }

            foreach (float[] published in Read(path))
            {
                cancellation.ThrowIfCancellationRequested();
                using TensorScope one = TensorScope.Open();
                Tensor rows = Tensor.From<float>(published, manifest.Shape[0], manifest.Shape[1]);
                int nearest = (int)(-(means - rows.Mean(0)).Square().Sum(1)).ArgMax(0).Item();
                double difference = Difference(rows, Encode(images, encoder, [nearest]).Select(0, 0));
                mismatches += difference > Tolerance(manifest.Dtype) ? 1 : 0;
                largest = Math.Max(largest, difference > Tolerance(manifest.Dtype) ? 0 : difference);
            }
        }

        return new VerifyResult(publicFolder, key.KeyId, manifest.Count, mismatches, largest, ManifestSigning.IsValid(manifest));
    }

    // Float32 products differ in the last bits with the size of the batch; narrow formats by their rounding of values up to 16.
    private static double Tolerance(EncodingType type) => type switch { EncodingType.F32 => 1e-3, EncodingType.F16 => 2e-2, _ => 0.1 };

    private static Tensor Encode(ImageBatches images, PrivateEncoder encoder, int[] records)
    {
        using TensorScope scope = TensorScope.Open();
        return scope.Keep(encoder.Encode(images.Read(records)));
    }

    // Each published row against its nearest row, in any order.
    private static double Difference(Tensor published, Tensor expected)
    {
        Tensor products = (published.MatMul(expected.Transpose()) * 2) - expected.Square().Sum(1);
        Tensor nearest = products.ArgMax(1);
        return (published - expected.IndexSelect(0, nearest)).Abs().Maximum().Item();
    }

    private static bool HasHash(string path, string sha256)
    {
        if (!File.Exists(path))
        {
            return false;
        }

        using FileStream stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream)) == sha256;
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
