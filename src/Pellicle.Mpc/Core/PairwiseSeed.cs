using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Pellicle.Core.Random;
using Pellicle.Mpc.Kernels;

namespace Pellicle.Mpc.Core;

/// <summary>A 128-bit key of two parties: both expand it to the same random ring elements, without a message.</summary>
/// <remarks>AES-128 in counter mode (NIST SP 800-38A). A stream is addressed by (step, part), never by how much was drawn before, so chunking cannot shift it.
/// Every address gives its stream once for the life of the key: a second use throws, because a mask used twice is no mask.
/// Counter block: step (4 bytes), part (4 bytes), block number (8 bytes), all big-endian, as WebCrypto's AES-CTR counts.</remarks>
public sealed class PairwiseSeed : IDisposable
{
    /// <summary>Bytes of a key.</summary>
    public const int KeyBytes = 16;

    private readonly AesCounterBlocks? _fast;
    private readonly AesCounterLibrary? _library;
    private readonly HashSet<ulong> _used = [];

    /// <summary>Takes a key.</summary>
    /// <param name="key">16 uniform bytes, fresh for this session.</param>
    /// <param name="allowInstructions">False forces the library's AES, for tests.</param>
    /// <exception cref="ArgumentException">Another length.</exception>
    public PairwiseSeed(ReadOnlySpan<byte> key, bool allowInstructions = true)
    {
        if (key.Length != KeyBytes)
        {
            throw new ArgumentException($"The key has {key.Length} bytes; expected {KeyBytes}.", nameof(key));
        }

        if (allowInstructions && AesCounterBlocks.IsSupported)
        {
            _fast = new AesCounterBlocks(key);
        }
        else
        {
            _library = new AesCounterLibrary(key);
        }
    }

    /// <summary>Fresh keys for one session of three parties.</summary>
    /// <param name="random">The cryptographic generator.</param>
    /// <returns>Three keys; key j belongs to the two holders of slot j.</returns>
    public static byte[][] DrawKeys(ISecureRandom random)
    {
        ArgumentNullException.ThrowIfNull(random);
        var keys = new byte[PartyId.Count][];
        for (int j = 0; j < keys.Length; j++)
        {
            keys[j] = new byte[KeyBytes];
            random.Fill(keys[j]);
        }

        return keys;
    }

    /// <summary>Draws ring elements.</summary>
    /// <param name="step">Step of the session.</param>
    /// <param name="part">What they are for, within the step.</param>
    /// <param name="count">How many.</param>
    public ulong[] Elements(uint step, uint part, int count)
    {
        ulong[] result = GC.AllocateUninitializedArray<ulong>(count);
        Fill(step, part, MemoryMarshal.AsBytes(result.AsSpan()));
        return result;
    }

    /// <summary>Draws bytes.</summary>
    /// <param name="step">Step of the session.</param>
    /// <param name="part">What they are for, within the step.</param>
    /// <param name="destination">Filled.</param>
    /// <exception cref="CryptographicException">The address was used before.</exception>
    public void Fill(uint step, uint part, Span<byte> destination) => Open(step, part).Fill(0, destination);

    /// <summary>Opens a stream that is read place by place.</summary>
    /// <param name="step">Step of the session.</param>
    /// <param name="part">What it is for, within the step.</param>
    /// <exception cref="CryptographicException">The address was used before.</exception>
    internal SeedStream Open(uint step, uint part)
    {
        ulong nonce = ((ulong)step << 32) | part;
        return _used.Add(nonce)
            ? new SeedStream(_fast, _library, nonce)
            : throw new CryptographicException($"The random stream of step {step}, part {part}, was drawn before; a mask is used once.");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _fast?.Clear();
        _library?.Dispose();
    }

    /// <summary>Kind and length; never the key.</summary>
    public override string ToString() => $"pairwise seed of {KeyBytes} bytes";
}
