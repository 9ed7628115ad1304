using System.Runtime.InteropServices;
using Pellicle.Core.Errors;
using Pellicle.Core.Files;
using Pellicle.Formats.Npy;
using Pellicle.Formats.Safetensors;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Release;

/// <summary>Writes the files of encodings in the order of their ids; whole files of an interrupted run are kept.</summary>
/// <remarks>Each picture is decoded once, when it is encoded. One that cannot be read leaves the map, and the file it would have been in is begun anew.</remarks>
internal sealed class ShardWriter(EncodingPublisher publisher, ImageBatches images, ReleaseMap map, EncodeRequest request, Action<int, int> progress)
{
    private const long ShardBytes = 1_000_000_000;
    private const string Folder = "encodings";
    private ReleaseMap _map = map;

    /// <summary>Writes all files.</summary>
    /// <param name="saveMap">Keeps a map that lost unreadable pictures, before anything is written after it.</param>
    /// <param name="cancellation">Looked at between batches.</param>
    /// <returns>The map of what was written, and the files.</returns>
    public (ReleaseMap Map, IReadOnlyList<EncodedShard> Shards) Write(Action<ReleaseMap> saveMap, CancellationToken cancellation)
    {
        bool isNpy = request.Format == EncodingFormat.Npy;
        int perShard = isNpy ? 1 : (int)Math.Max(1, ShardBytes / publisher.BytesPerImage);
        while (isNpy && !Try(() => WriteNpy(cancellation), saveMap))
        {
        }

        var shards = new List<EncodedShard>();
        for (int done = 0; done < _map.Entries.Count;)
        {
            ReleaseMapEntry[] entries = [.. _map.Entries.Skip(done).Take(perShard)];
            string file = isNpy ? $"{Folder}/{entries[0].Id}.npy" : $"{Folder}/{shards.Count:D4}.safetensors";
            string path = Path.Combine(request.PublicFolder, file);
            if (!isNpy && !File.Exists(path) && !Try(() => WriteShard(path, entries, done, cancellation), saveMap))
            {
                continue;
            }

            done += entries.Length;
            File.SetLastWriteTimeUtc(path, PublicTables.ConstantTime);
            shards.Add(new EncodedShard(file, FileHash.Of(path), entries.Length));
        }

        return (_map, shards);
    }

    private bool Try(Action write, Action<ReleaseMap> saveMap)
    {
        try
        {
            write();
            return true;
        }
        catch (UnreadableException e)
        {
            _map = _map.Without(e.Pictures);
            if (_map.Entries.Count == 0)
            {
                throw new DataFormatException($"none of {_map.Skipped.Count} pictures can be read.", "See what 'pellicle data inspect' says.");
            }

            saveMap(_map);
            return false;
        }
    }

    private void WriteShard(string path, ReleaseMapEntry[] entries, int done, CancellationToken cancellation)
    {
        string type = request.Type switch { EncodingType.Bf16 => "BF16", EncodingType.Int8 => "I8", _ => request.Type.ToString() };
        SafetensorsSequence.Write(path, type, [publisher.Architecture.Patches, publisher.Architecture.HiddenDim], [.. entries.Select(e => e.Id)], stream => Encode(entries, done, (_, bytes) => stream.Write(bytes), cancellation));
    }

    private void WriteNpy(CancellationToken cancellation)
    {
        string PathOf(ReleaseMapEntry entry) => Path.Combine(request.PublicFolder, Folder, entry.Id + ".npy");
        ReleaseMapEntry[] missing = [.. _map.Entries.Where(e => !File.Exists(PathOf(e)))];
        if (publisher.Architecture.Normalisation == Encoders.EncoderNormalisation.Batch)
        {
            missing = [.. _map.Entries]; // a batch is encoded as a whole or not at all
        }

        Encode(missing, _map.Entries.Count - missing.Length, (entry, bytes) => NpyFile.Write(PathOf(entry), ArrayOf(bytes)), cancellation);
    }

    private NpyArray ArrayOf(byte[] bytes)
    {
        long[] shape = [publisher.Architecture.Patches, publisher.Architecture.HiddenDim];
        return request.Type == EncodingType.F16 ? NpyArray.From(MemoryMarshal.Cast<byte, Half>(bytes), shape) : NpyArray.From(MemoryMarshal.Cast<byte, float>(bytes), shape);
    }

    private void Encode(ReleaseMapEntry[] entries, int done, Action<ReleaseMapEntry, byte[]> take, CancellationToken cancellation)
    {
        for (int first = 0; first < entries.Length; first += request.Batch)
        {
            cancellation.ThrowIfCancellationRequested();
            ReleaseMapEntry[] batch = entries[first..Math.Min(first + request.Batch, entries.Length)];
            using TensorScope scope = TensorScope.Open();
            Tensor pictures = Read(batch);
            images.Prefetch([.. entries.Skip(first + batch.Length).Take(request.Batch).Select(e => e.Record)]);
            Tensor encodings = publisher.Encode(pictures, [.. batch.Select(e => e.Id)]);
            for (int i = 0; i < batch.Length; i++)
            {
                using TensorScope one = TensorScope.Open();
                take(batch[i], publisher.Bytes(encodings.Select(0, i)));
            }

            progress(done += batch.Length, _map.Entries.Count);
        }
    }

    private Tensor Read(ReleaseMapEntry[] batch)
    {
        try
        {
            return images.Read(batch);
        }
        catch (DataFormatException)
        {
            IEnumerable<int> records = batch.Select(e => e.Record).Concat(batch.Select(e => e.Mixture).OfType<PictureMixture>().Select(m => m.Second)).Distinct();
            (int, SkippedImage)[] bad = [.. records.Select(record => (record, images.Unreadable(record))).Where(pair => pair.Item2 is not null).Select(pair => (pair.record, pair.Item2!))];
            if (bad.Length == 0)
            {
                throw;
            }

            throw new UnreadableException(bad);
        }
    }

    // Unwinds the file under construction; caught above.
    private sealed class UnreadableException(IReadOnlyList<(int Record, SkippedImage Image)> pictures) : Exception
    {
        public IReadOnlyList<(int Record, SkippedImage Image)> Pictures { get; } = pictures;
    }
}
