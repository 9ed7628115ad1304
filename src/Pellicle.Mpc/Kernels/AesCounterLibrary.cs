using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Pellicle.Mpc.Kernels;

/// <summary>AES-128 in counter mode through the platform's library: for processors without AES instructions, and the twin of <see cref="AesCounterBlocks"/>.</summary>
internal sealed class AesCounterLibrary : IDisposable
{
    private const int ChunkBytes = 1 << 14;

    private readonly Aes _aes = Aes.Create();

    public AesCounterLibrary(ReadOnlySpan<byte> key) => _aes.SetKey(key);

    public void Fill(ulong nonce, Span<byte> destination, ulong counter = 0)
    {
        byte[] counters = new byte[Math.Min(ChunkBytes, (destination.Length + 15) / 16 * 16)];
        byte[] stream = new byte[counters.Length];
        while (destination.Length > 0)
        {
            for (int i = 0; i < counters.Length; i += 16, counter++)
            {
                BinaryPrimitives.WriteUInt64BigEndian(counters.AsSpan(i), nonce);
                BinaryPrimitives.WriteUInt64BigEndian(counters.AsSpan(i + 8), counter);
            }

            _aes.EncryptEcb(counters, stream, PaddingMode.None);
            int part = Math.Min(stream.Length, destination.Length);
            stream.AsSpan(0, part).CopyTo(destination);
            destination = destination[part..];
        }
    }

    public void Dispose() => _aes.Dispose();
}
