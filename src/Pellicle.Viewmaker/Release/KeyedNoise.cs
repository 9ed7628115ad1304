using System.Security.Cryptography;
using System.Text;
using Pellicle.Privacy.Noise;

namespace Pellicle.Viewmaker.Release;

/// <summary>Noise of released images: for each image the keystream of HMAC-SHA-256(secret key, name of the image). Repeatable for the owner, unpredictable for others.</summary>
/// <remarks>The name is the SOP Instance UID, or the SHA-256 of the decoded pixels. AES-256 in counter mode; 24 bits a number, uniform in [0, 1).</remarks>
public sealed class KeyedNoise : IDisposable
{
    private readonly byte[] _key;

    /// <summary>Takes a key.</summary>
    /// <param name="key">32 bytes; copied.</param>
    public KeyedNoise(ReadOnlySpan<byte> key)
    {
        if (key.Length != 32)
        {
            throw new ArgumentException($"The key has {key.Length} bytes; expected 32.", nameof(key));
        }

        _key = key.ToArray();
    }

    /// <summary>Noise under a key that nobody keeps.</summary>
    public static KeyedNoise Fresh() => new(RandomNumberGenerator.GetBytes(32));

    /// <summary>The stream of one image.</summary>
    /// <param name="image">Its name.</param>
    /// <returns>Fills planes one after the other; dispose it.</returns>
    public ImageNoise For(string image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return new ImageNoise(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes("noise/" + image)));
    }

    /// <summary>A number that only the owner of the key can compute, for shifts of dates and replaced identifiers.</summary>
    /// <param name="purpose">What for.</param>
    /// <param name="value">Of what; private.</param>
    /// <returns>32 bytes.</returns>
    public byte[] Derive(string purpose, string value) => HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"{purpose}/{value}"));

    /// <inheritdoc/>
    public override string ToString() => "KeyedNoise (32 bytes)";

    /// <inheritdoc/>
    public void Dispose() => CryptographicOperations.ZeroMemory(_key);
}

/// <summary>The noise of one image.</summary>
public sealed class ImageNoise : IDisposable
{
    private readonly SecureStream _stream;

    internal ImageNoise(byte[] key)
    {
        _stream = new SecureStream(key);
        CryptographicOperations.ZeroMemory(key);
    }

    /// <summary>Fills with numbers in [0, 1).</summary>
    /// <param name="values">One plane.</param>
    public void Fill(Span<float> values)
    {
        Span<byte> bytes = new byte[3 * values.Length];
        _stream.Fill(bytes);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (bytes[3 * i] | (bytes[(3 * i) + 1] << 8) | (bytes[(3 * i) + 2] << 16)) * (1f / (1 << 24));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();
}
