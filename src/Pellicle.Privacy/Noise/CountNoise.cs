using System.Security.Cryptography;
using Pellicle.Tensors;

namespace Pellicle.Privacy.Noise;

/// <summary>Gaussian noise on the counts of adaptive clipping, from a stream of its own.</summary>
public static class CountNoise
{
    /// <summary>Counts are multiples of ½, so of this grid too: rounding moves none of them, and their sensitivity stays ½.</summary>
    private const double Grid = 1.0 / 1024;

    /// <summary>Adds noise to each count.</summary>
    /// <param name="counts">Multiples of ½.</param>
    /// <param name="standardDeviation">σ_b above 0.</param>
    /// <param name="key">Secret of the run.</param>
    /// <param name="step">Step of the counts; each once.</param>
    /// <returns>One noised count each: public.</returns>
    public static IReadOnlyList<double> Add(IReadOnlyList<double> counts, double standardDeviation, RunKey key, long step)
    {
        ArgumentNullException.ThrowIfNull(counts);
        ArgumentNullException.ThrowIfNull(key);
        using TensorScope scope = TensorScope.Open();
        Span<byte> secret = stackalloc byte[GaussianNoise.KeyBytes];
        key.KeyFor(KeyPurpose.CountQuery, step, secret);
        using var noise = new GaussianNoise(secret);
        CryptographicOperations.ZeroMemory(secret);
        Tensor values = Tensor.From<float>([.. counts.Select(count => (float)count)], counts.Count);
        noise.AddTo([values], standardDeviation, Grid, 1, (ulong)step);
        return [.. values.ToArray<float>().Select(value => (double)value)];
    }
}
