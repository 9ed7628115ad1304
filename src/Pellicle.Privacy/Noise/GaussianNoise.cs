using System.Security.Cryptography;
using Pellicle.Native;
using Pellicle.Tensors;

namespace Pellicle.Privacy.Noise;

/// <summary>Adds Gaussian noise to the sums of a step: the Gaussian mechanism on a public grid.</summary>
/// <remarks>
/// <para>Element e of step t becomes float32((round(S_e / g) + round(σ z / g)) · g / L), with S the clipped sum, g the grid, L the divisor. Both
/// terms are whole multiples of g below 2⁵², so their sum is exact in float64: the low-order bits of S do not survive (Mironov 2012,
/// "On significance of the least significant bits"). The one rounding to float32 after the division is post-processing.</para>
/// <para>z is standard normal by Box and Muller 1958 in float64, from 64 random bits a value: radius from a 64-bit uniform with 53 significant bits, angle
/// from 54 bits. So |z| is at most 9.49; a Gaussian is beyond that with probability 2·10⁻²¹. The values are an approximation of a Gaussian rounded to
/// the grid, not an exact sample of the discrete Gaussian.</para>
/// <para>Random bits: AES-256 in counter mode, block (pair of elements, step) under a key that must never be used for another sum. A value depends on
/// its place alone: not on threads, so a resumed run continues as if it had never stopped. With several tensors each begins at an even
/// place. Not thread-safe.</para>
/// </remarks>
public sealed unsafe class GaussianNoise : IDisposable
{
    /// <summary>Bytes of a key.</summary>
    public const int KeyBytes = 32;

    /// <summary>No value is further than this from the mean, in standard deviations.</summary>
    public const double LargestDeviation = 9.5;

    private readonly byte[] _key = GC.AllocateArray<byte>(KeyBytes, pinned: true);
    private readonly bool _portable;

    /// <summary>Takes a copy of the key, erased on disposal.</summary>
    /// <param name="key">32 secret bytes from a secure source, used for nothing else.</param>
    /// <exception cref="ArgumentException">The key has another length.</exception>
    public GaussianNoise(ReadOnlySpan<byte> key)
        : this(key, portable: TorchNative.pel_noise_supported() == 0)
    {
    }

    internal GaussianNoise(ReadOnlySpan<byte> key, bool portable)
    {
        if (key.Length != KeyBytes)
        {
            throw new ArgumentException($"The key has {key.Length} bytes, expected {KeyBytes}.", nameof(key));
        }

        key.CopyTo(_key);
        _portable = portable;
    }

    /// <summary>Rounds sums to the grid, adds noise, divides; in place, in one pass over all tensors.</summary>
    /// <param name="sums">Clipped sums, float32, contiguous; one family of released values.</param>
    /// <param name="standardDeviation">Of the noise, in the unit of the sums; noise multiplier times sensitivity. At least 0; 0 gives no privacy.</param>
    /// <param name="grid">Spacing of the released values before the division: a power of two.</param>
    /// <param name="divisor">Expected batch size, above 0; public.</param>
    /// <param name="step">Number of the step; no two sums may share key and step.</param>
    /// <exception cref="ArgumentException">A value is outside its range, or the grid is too fine for exact sums.</exception>
    /// <exception cref="TensorException">A sum is infinite, not a number, or too large for the grid. The tensors are then undefined.</exception>
    public void AddTo(IReadOnlyList<Tensor> sums, double standardDeviation, double grid, double divisor, ulong step)
    {
        ArgumentNullException.ThrowIfNull(sums);
        Check(standardDeviation, grid, divisor);
        if (_portable)
        {
            AddPortably(sums, standardDeviation, grid, divisor, step);
            return;
        }

        var data = new nint[sums.Count];
        var counts = new long[sums.Count];
        for (int i = 0; i < data.Length; i++)
        {
            Span<float> values = sums[i].Data<float>();
            counts[i] = values.Length;
            fixed (float* first = values)
            {
                data[i] = (nint)first; // native memory: it does not move
            }
        }

        fixed (byte* key = _key)
        fixed (nint* d = data)
        fixed (long* c = counts)
        {
            TorchNative.Check(TorchNative.pel_noise_add(key, step, standardDeviation, grid, divisor, (float**)d, c, data.Length));
        }

        GC.KeepAlive(sums);
    }

    /// <summary>Erases the key.</summary>
    public void Dispose() => CryptographicOperations.ZeroMemory(_key);

    /// <summary>Says what this is, not the key.</summary>
    public override string ToString() => $"GaussianNoise (key of {KeyBytes} bytes)";

    internal static void Check(double standardDeviation, double grid, double divisor)
    {
        if (!(standardDeviation >= 0) || !double.IsFinite(standardDeviation))
        {
            throw new ArgumentOutOfRangeException(nameof(standardDeviation), standardDeviation, "The standard deviation must be finite and at least 0.");
        }

        if (!(grid > 0) || !double.IsNormal(grid) || (BitConverter.DoubleToUInt64Bits(grid) & ((1UL << 52) - 1)) != 0)
        {
            throw new ArgumentOutOfRangeException(nameof(grid), grid, "The grid must be a power of two.");
        }

        if (!(divisor > 0) || !double.IsFinite(divisor))
        {
            throw new ArgumentOutOfRangeException(nameof(divisor), divisor, "The divisor must be finite and above 0.");
        }

        if (standardDeviation * LargestDeviation / grid >= 1L << 52)
        {
            throw new ArgumentException($"The grid {grid:R} is too fine for noise of standard deviation {standardDeviation:R}: sums would not be exact. Use a coarser grid.", nameof(grid));
        }
    }

    private void AddPortably(IReadOnlyList<Tensor> sums, double standardDeviation, double grid, double divisor, ulong step)
    {
        var reference = new ReferenceGaussianNoise(_key);
        ulong block = 0;
        foreach (Tensor tensor in sums)
        {
            Span<float> values = tensor.Data<float>();
            reference.AddTo(values, standardDeviation, grid, divisor, step, block);
            block += ((ulong)values.Length + 1) / 2;
        }
    }
}
