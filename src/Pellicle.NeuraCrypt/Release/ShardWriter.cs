using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Pellicle.Formats.Npy;
using Pellicle.Formats.Safetensors;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Release;

/// <summary>Writes the files of encodings in the order of their ids; whole files of an interrupted run are kept.</summary>
internal sealed class ShardWriter(EncodingPublisher publisher, ImageBatches images, ReleaseMap map, EncodeRequest request, Action<int, int> progress)
{
    private const long ShardBytes = 1_000_000_000;
    private const string Folder = "encodings";
    private int _done;

    public IReadOnlyList<EncodedShard> Write(CancellationToken cancellation)
    {
        int perShard = request.Format == EncodingFormat.Npy ? 1 : (int)Math.Max(1, ShardBytes / publisher.BytesPerImage);
        if (request.Format == EncodingFormat.Npy)
        {
            WriteNpy(cancellation);
        }

        var shards = new List<EncodedShard>();
        foreach (ReleaseMapEntry[] entries in map.Entries.Chunk(perShard))
        {
            string file = request.Format == EncodingFormat.Npy ? $"{Folder}/{entries[0].Id}.npy" : $"{Folder}/{shards.Count:D4}.safetensors";
            string path = Path.Combine(request.PublicFolder, file);
            if (request.Format == EncodingFormat.Safetensors && !File.Exists(path))
            {
                string type = request.Type == EncodingType.Bf16 ? "BF16" : request.Type.ToString();
                SafetensorsSequence.Write(path, type, [publisher.Architecture.Patches, publisher.Architecture.HiddenDim], [.. entries.Select(e => e.Id)], stream => Encode(entries, (_, bytes) => stream.Write(bytes), cancellation));
            }

            _done += request.Format == EncodingFormat.Safetensors ? entries.Length : 0;
            File.SetLastWriteTimeUtc(path, PublicTables.ConstantTime);
            using FileStream written = File.OpenRead(path);
            shards.Add(new EncodedShard(file, Convert.ToHexStringLower(SHA256.HashData(written)), entries.Length));
        }

        return shards;
    }

    private void WriteNpy(CancellationToken cancellation)
    {
        string PathOf(ReleaseMapEntry entry) => Path.Combine(request.PublicFolder, Folder, entry.Id + ".npy");
        ReleaseMapEntry[] missing = [.. map.Entries.Where(e => !File.Exists(PathOf(e)))];
        if (publisher.Architecture.Normalisation == Encoders.EncoderNormalisation.Batch)
        {
            missing = [.. map.Entries]; // a batch is encoded as a whole or not at all
        }

        Encode(missing, (entry, bytes) => NpyFile.Write(PathOf(entry), ArrayOf(bytes)), cancellation);
    }

    private NpyArray ArrayOf(byte[] bytes)
    {
        long[] shape = [publisher.Architecture.Patches, publisher.Architecture.HiddenDim];
        return request.Type == EncodingType.F16 ? NpyArray.From(MemoryMarshal.Cast<byte, Half>(bytes), shape) : NpyArray.From(MemoryMarshal.Cast<byte, float>(bytes), shape);
    }

    private void Encode(ReleaseMapEntry[] entries, Action<ReleaseMapEntry, byte[]> take, CancellationToken cancellation)
    {
        int done = _done;
        for (int first = 0; first < entries.Length; first += request.Batch)
        {
            cancellation.ThrowIfCancellationRequested();
            ReleaseMapEntry[] batch = entries[first..Math.Min(first + request.Batch, entries.Length)];
            using TensorScope scope = TensorScope.Open();
            Tensor pictures = images.Read([.. batch.Select(e => e.Record)]);
            images.Prefetch([.. entries.Skip(first + batch.Length).Take(request.Batch).Select(e => e.Record)]);
            Tensor encodings = publisher.Encode(pictures, [.. batch.Select(e => e.Id)]);
            for (int i = 0; i < batch.Length; i++)
            {
                using TensorScope one = TensorScope.Open();
                take(batch[i], publisher.Bytes(encodings.Select(0, i)));
            }

            progress(done += batch.Length, map.Entries.Count);
        }
    }
}
