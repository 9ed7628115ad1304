using System.Security.Cryptography;
using Pellicle.Core.Random;

namespace Pellicle.NeuraCrypt.Keys;

/// <summary>Secret bytes in a pinned array that is zeroed when disposed: the collector never copies them.</summary>
public sealed class SecretBytes : IDisposable
{
    private readonly byte[] _bytes;
    private bool _isDisposed;

    /// <summary>Makes a zeroed buffer.</summary>
    /// <param name="length">Bytes, at least 1.</param>
    public SecretBytes(int length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        _bytes = GC.AllocateArray<byte>(length, pinned: true);
    }

    /// <summary>Bytes.</summary>
    public int Length => _bytes.Length;

    /// <summary>The content; valid until disposed.</summary>
    /// <exception cref="ObjectDisposedException">It was zeroed already.</exception>
    public Span<byte> Span
    {
        get
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return _bytes;
        }
    }

    /// <summary>Draws fresh bytes.</summary>
    /// <param name="random">The cryptographic generator.</param>
    /// <param name="length">Bytes, at least 1.</param>
    public static SecretBytes Draw(ISecureRandom random, int length)
    {
        ArgumentNullException.ThrowIfNull(random);
        var secret = new SecretBytes(length);
        random.Fill(secret.Span);
        return secret;
    }

    /// <summary>Copies bytes; the caller zeroes its own.</summary>
    /// <param name="bytes">At least 1.</param>
    public static SecretBytes CopyOf(ReadOnlySpan<byte> bytes)
    {
        var secret = new SecretBytes(bytes.Length);
        bytes.CopyTo(secret._bytes);
        return secret;
    }

    /// <summary>Zeroes the content.</summary>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_bytes);
        _isDisposed = true;
    }

    /// <summary>Kind and length only.</summary>
    public override string ToString() => $"SecretBytes ({Length} bytes)";
}
