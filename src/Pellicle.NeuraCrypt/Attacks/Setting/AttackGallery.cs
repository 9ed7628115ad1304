using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Pellicle.NeuraCrypt.Release;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>The candidate pictures of an attacker. No two are equal: nobody could tell which of two equal pictures an encoding belongs to.</summary>
internal sealed class AttackGallery
{
    /// <summary>Pictures in a batch.</summary>
    public const int BatchImages = 16;

    private readonly HashSet<string> _hashes;

    private AttackGallery(IReadOnlyList<Tensor> batches, IReadOnlyList<int> records, HashSet<string> hashes, int equalPictures)
    {
        Batches = batches;
        Records = records;
        _hashes = hashes;
        EqualPictures = equalPictures;
    }

    /// <summary>[b, C, S, S] each, normalised, float32; all but the last of <see cref="BatchImages"/> pictures.</summary>
    public IReadOnlyList<Tensor> Batches { get; }

    /// <summary>Place of picture i in its source.</summary>
    public IReadOnlyList<int> Records { get; }

    /// <summary>Pictures that were left out because they equal one that is in.</summary>
    public int EqualPictures { get; }

    /// <summary>N.</summary>
    public int Count => Records.Count;

    /// <summary>Reads the first different pictures; tensors belong to the caller's scope.</summary>
    /// <param name="pictures">Sources and places in them, in the order wanted.</param>
    /// <param name="most">Largest number of pictures.</param>
    public static AttackGallery Read(IEnumerable<(ImageBatches Images, int Record)> pictures, int most) => new AttackGallery([], [], [], 0).With(pictures, most);

    /// <summary>The same pictures and, after them, others that differ from them and from each other.</summary>
    /// <param name="pictures">Sources and places in them, in the order wanted.</param>
    /// <param name="most">Largest number of further pictures.</param>
    public AttackGallery With(IEnumerable<(ImageBatches Images, int Record)> pictures, int most)
    {
        var hashes = new HashSet<string>(_hashes);
        List<int> records = [.. Records];
        List<Tensor> waiting = Count % BatchImages == 0 ? [] : [Batches[^1].Clone()];
        List<Tensor> batches = [.. Batches.Take(Count / BatchImages)];
        int equal = EqualPictures;
        foreach ((ImageBatches images, int record) in pictures)
        {
            if (records.Count == Count + most)
            {
                break;
            }

            Tensor picture = images.Read([record]);
            if (!hashes.Add(Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes(picture.Data<float>())))))
            {
                picture.Dispose();
                equal++;
                continue;
            }

            records.Add(record);
            waiting.Add(picture);
            if (records.Count % BatchImages == 0)
            {
                batches.Add(Joined(waiting));
            }
        }

        if (waiting.Count > 0)
        {
            batches.Add(Joined(waiting));
        }

        return new AttackGallery(batches, records, hashes, equal);
    }

    /// <summary>Pictures by number: [n, C, S, S], of the caller's scope.</summary>
    public Tensor Pictures(IEnumerable<int> numbers)
    {
        using TensorScope scope = TensorScope.Open();
        return scope.Keep(Tensor.Stack(0, [.. numbers.Select(i => Batches[i / BatchImages].Select(0, i % BatchImages))]));
    }

    /// <summary>The first pictures.</summary>
    /// <param name="count">At most <see cref="Count"/>.</param>
    public AttackGallery First(int count)
    {
        if (count >= Count)
        {
            return this;
        }

        int whole = count / BatchImages;
        List<Tensor> batches = [.. Batches.Take(whole)];
        if (count % BatchImages > 0)
        {
            batches.Add(Batches[whole].Narrow(0, 0, count % BatchImages));
        }

        return new AttackGallery(batches, [.. Records.Take(count)], _hashes, EqualPictures);
    }

    private static Tensor Joined(List<Tensor> waiting)
    {
        Tensor batch = Tensor.Concatenate(0, waiting.ToArray());
        waiting.ForEach(picture => picture.Dispose());
        waiting.Clear();
        return batch;
    }
}
