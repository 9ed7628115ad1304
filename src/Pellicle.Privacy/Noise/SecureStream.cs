using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Pellicle.Core.Random;

namespace Pellicle.Privacy.Noise;

/// <summary>A keystream of AES-256 in counter mode: unpredictable without the key, reproducible with it, addressable by position.</summary>
/// <remarks>NIST SP 800-38A, section 6.5, counter blocks 0, 1, 2, … as 128-bit big-endian numbers. One key is used for one purpose and
/// one step only (see <see cref="RunKey"/>), so no position is ever used twice for different things.</remarks>
[SuppressMessage("Naming", "CA1711", Justification = "A keystream in the sense of SP 800-38A, not a System.IO.Stream.")]
public sealed class SecureStream : ISecureRandom, IDisposable
{
    private const int BlockBytes = 16;
    private const int BufferBytes = 4096;

    private readonly Aes _aes;
    private readonly byte[] _buffer = new byte[BufferBytes];
    private readonly byte[] _counters = new byte[BufferBytes];
    private ulong _bufferStart = ulong.MaxValue;
    private ulong _position;

    /// <summary>Makes the stream of a key.</summary>
    /// <param name="key">32 bytes; copied.</param>
    /// <param name="position">Bytes already used.</param>
    /// <exception cref="ArgumentException">The key does not have 32 bytes.</exception>
    public SecureStream(ReadOnlySpan<byte> key, ulong position = 0)
    {
        if (key.Length != 32)
        {
            throw new ArgumentException($"The key has {key.Length} bytes; AES-256 needs 32.", nameof(key));
        }

        _aes = Aes.Create();
        _aes.SetKey(key);
        _position = position;
    }

    /// <summary>Bytes used so far: enough, with the key, to go on elsewhere.</summary>
    public ulong Position => _position;

    /// <inheritdoc/>
    public void Fill(Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            int offset = Load();
            int count = Math.Min(destination.Length, BufferBytes - offset);
            _buffer.AsSpan(offset, count).CopyTo(destination);
            destination = destination[count..];
            _position += (ulong)count;
        }
    }

    /// <summary>Fills the destination with independent uniform 64-bit words.</summary>
    /// <param name="destination">Any length.</param>
    public void Fill(Span<ulong> destination)
    {
        Fill(MemoryMarshal.AsBytes(destination));
        if (!BitConverter.IsLittleEndian)
        {
            BinaryPrimitives.ReverseEndianness(destination, destination);
        }
    }

    /// <summary>Next 64 uniform bits.</summary>
    public ulong NextUInt64()
    {
        Span<byte> word = stackalloc byte[8];
        Fill(word);
        return BinaryPrimitives.ReadUInt64LittleEndian(word);
    }

    /// <summary>Uniform in [0, exclusiveMax) without modulo bias (Lemire 2019).</summary>
    /// <param name="exclusiveMax">Above 0.</param>
    public int NextInt(int exclusiveMax)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(exclusiveMax, 1);
        ulong range = (ulong)exclusiveMax;
        ulong threshold = (0UL - range) % range;
        while (true)
        {
            ulong high = Math.BigMul(NextUInt64(), range, out ulong low);
            if (low >= threshold)
            {
                return (int)high;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_buffer);
        _aes.Dispose();
    }

    /// <summary>Says what this is and how much was used, never the key.</summary>
    public override string ToString() => $"SecureStream (AES-256-CTR, position {_position})";

    private int Load()
    {
        ulong start = _position / BufferBytes * BufferBytes;
        if (start != _bufferStart)
        {
            ulong block = start / BlockBytes;
            for (int i = 0; i < BufferBytes; i += BlockBytes)
            {
                BinaryPrimitives.WriteUInt64BigEndian(_counters.AsSpan(i + 8), block++);
            }

            _aes.EncryptEcb(_counters, _buffer, PaddingMode.None);
            _bufferStart = start;
        }

        return (int)(_position - start);
    }
}
