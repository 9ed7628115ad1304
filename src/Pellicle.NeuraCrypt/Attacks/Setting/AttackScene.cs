using Pellicle.Core.Random;
using Pellicle.NeuraCrypt.Encoders;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>Everything an attacker has before he looks at a target: candidate pictures, the family, an encoder drawn from it, a budget.</summary>
internal sealed class AttackScene : IDisposable
{
    private readonly Lazy<IRowEncoder> _own;
    private readonly Lazy<IReadOnlyList<Fingerprint>> _fingerprints;

    public AttackScene(IEncoderFamily family, AttackGallery gallery, AttackBudget budget, ISecureRandom random, Action<string>? progress = null)
    {
        Family = family;
        Gallery = gallery;
        Budget = budget;
        Random = random;
        Progress = progress ?? (_ => { });
        _own = new Lazy<IRowEncoder>(() => family.Draw(gallery.Batches));
        _fingerprints = new Lazy<IReadOnlyList<Fingerprint>>(() => Each(pictures => Fingerprint.Of(Own.Encode(pictures))));
        Seeds = NewSeed(random);
    }

    public IEncoderFamily Family { get; }

    public AttackGallery Gallery { get; }

    public AttackBudget Budget { get; }

    public ISecureRandom Random { get; }

    /// <summary>For initial values and batches of trained attacks.</summary>
    public ISeededRandom Seeds { get; }

    /// <summary>Takes what is being done.</summary>
    public Action<string> Progress { get; }

    /// <summary>Labels of the pictures, by number; null if there are none.</summary>
    public IReadOnlyList<int>? Labels { get; init; }

    /// <summary>Attributes of the pictures by name, each by number of the picture.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Attributes { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>An encoder of the attacker's own: same family, another key.</summary>
    public IRowEncoder Own => _own.Value;

    /// <summary>Fingerprints of the gallery under <see cref="Own"/>.</summary>
    public IReadOnlyList<Fingerprint> Fingerprints => _fingerprints.Value;

    /// <summary>Takes a value for every picture of the gallery, batch by batch.</summary>
    public IReadOnlyList<T> Each<T>(Func<Tensor, IEnumerable<T>> of)
    {
        var result = new List<T>();
        foreach (Tensor pictures in Gallery.Batches)
        {
            using GradientMode off = GradientMode.Off();
            using TensorScope scope = TensorScope.Open();
            result.AddRange(of(pictures));
        }

        return result;
    }

    /// <summary>A target with fresh normal numbers of the same mean and deviation in place of the encodings.</summary>
    public AttackTarget NoiseLike(AttackTarget target)
    {
        using TensorScope scope = TensorScope.Open();
        Tensor first = target.Read(0);
        long[] shape = first.Shape;
        double mean = first.Mean().Item();
        double deviation = Math.Sqrt((first - mean).Square().Mean().Item());
        return target with
        {
            Name = "random bits",
            Read = chunk =>
            {
                int images = AttackTarget.Places(chunk, target.Count).Count();
                return GaussianTensor.Draw(NewSeed(Random), mean, deviation, images, shape[1], shape[2]);
            },
        };
    }

    public void Dispose()
    {
        if (_own.IsValueCreated)
        {
            _own.Value.Dispose();
        }
    }

    private static SeededRandom NewSeed(ISecureRandom random)
    {
        Span<byte> seed = stackalloc byte[8];
        random.Fill(seed);
        return new SeededRandom(BitConverter.ToUInt64(seed));
    }
}
