using Pellicle.Core.Random;
using Pellicle.NeuraCrypt.Encoders;
using Pellicle.NeuraCrypt.Keys;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>Encodings under one key as an attacker sees them: in an order of their own, rows shuffled. Read chunk by chunk, so that memory does not grow with their number.</summary>
/// <param name="Name">"release", or a drawn key.</param>
/// <param name="Truth">Picture of the gallery that encoding i belongs to; for scoring only.</param>
/// <param name="Read">Encodings of a chunk, [b, P, hidden], of the caller's scope.</param>
internal sealed record AttackTarget(string Name, IReadOnlyList<int> Truth, Func<int, Tensor> Read)
{
    /// <summary>Encodings in a chunk.</summary>
    public const int ChunkImages = AttackGallery.BatchImages;

    public int Count => Truth.Count;

    public int Chunks => (Count + ChunkImages - 1) / ChunkImages;

    /// <summary>Encodes pictures of a gallery under a key, in a random order, and shuffles the rows of each.</summary>
    /// <param name="name">See <see cref="Name"/>.</param>
    /// <param name="encoder">Must live as long as the target.</param>
    /// <param name="gallery">The pictures.</param>
    /// <param name="count">The first so many of them are encoded, the others are candidates only.</param>
    /// <param name="random">For both orders.</param>
    /// <param name="keepsOrder">True leaves the rows of a picture in their order.</param>
    public static AttackTarget Of(string name, IRowEncoder encoder, AttackGallery gallery, int count, ISecureRandom random, bool keepsOrder = false)
    {
        int[] truth = PatchShuffle.Draw(count, random);
        return new AttackTarget(name, truth, chunk =>
        {
            using TensorScope scope = TensorScope.Open();
            Tensor encodings = encoder.Encode(gallery.Pictures(Places(chunk, truth.Length).Select(i => truth[i])));
            int patches = (int)encodings.Size(1);
            return scope.Keep(keepsOrder ? encodings : RowShuffle.Apply(encodings, _ => PatchShuffle.Draw(patches, random)));
        });
    }

    /// <summary>The same with all encodings read once and kept in the caller's scope.</summary>
    public AttackTarget InMemory()
    {
        Tensor all = All();
        return this with
        {
            Read = chunk =>
            {
                int first = chunk * ChunkImages;
                return all.Narrow(0, first, Math.Min(ChunkImages, Count - first)).Clone();
            },
        };
    }

    /// <summary>Takes a value for every encoding, one chunk in memory at a time.</summary>
    public IReadOnlyList<T> Each<T>(Func<Tensor, IEnumerable<T>> of)
    {
        var result = new List<T>();
        for (int chunk = 0; chunk < Chunks; chunk++)
        {
            using GradientMode off = GradientMode.Off();
            using TensorScope scope = TensorScope.Open();
            result.AddRange(of(Read(chunk)));
        }

        return result;
    }

    /// <summary>All encodings, [N, P, hidden], of the caller's scope.</summary>
    public Tensor All()
    {
        using GradientMode off = GradientMode.Off();
        using TensorScope scope = TensorScope.Open();
        return scope.Keep(Tensor.Concatenate(0, [.. Enumerable.Range(0, Chunks).Select(Read)]));
    }

    /// <summary>Numbers of the encodings of a chunk out of some.</summary>
    public static IEnumerable<int> Places(int chunk, int count) => Enumerable.Range(chunk * ChunkImages, Math.Min(ChunkImages, count - (chunk * ChunkImages)));
}
