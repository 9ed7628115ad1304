using System.Runtime.InteropServices;
using Pellicle.Native;
using Pellicle.Tensors;

namespace Pellicle.Privacy.Noise;

/// <summary>Adds Gaussian noise on a public grid.</summary>
public sealed unsafe class GaussianNoise : IDisposable
{
    private readonly byte[] _key;

    /// <summary>Keeps the key.</summary>
    /// <param name="key">32 bytes.</param>
    public GaussianNoise(ReadOnlySpan<byte> key) => _key = key.ToArray();

    /// <summary>Adds noise.</summary>
    public void AddTo(IReadOnlyList<Tensor> sums, double standardDeviation, double grid, double divisor, ulong step)
    {
        nint[] data = new nint[sums.Count];
        long[] counts = new long[sums.Count];
        for (int i = 0; i < data.Length; i++)
        {
            Span<float> values = sums[i].Data<float>();
            data[i] = (nint)System.Runtime.CompilerServices.Unsafe.AsPointer(ref MemoryMarshal.GetReference(values));
            counts[i] = values.Length;
        }

        fixed (byte* key = _key)
        fixed (nint* d = data)
        fixed (long* c = counts)
        {
            TorchNative.Check(TorchNative.pel_noise_add(key, step, standardDeviation, grid, divisor, (float**)d, c, data.Length));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => System.Security.Cryptography.CryptographicOperations.ZeroMemory(_key);
}
