using System.Security.Cryptography;
using Pellicle.Core.Errors;
using Pellicle.Core.Random;

namespace Pellicle.NeuraCrypt.Keys;

/// <summary>Bytes sealed by AES-256-GCM under a key from a passphrase (PBKDF2-HMAC-SHA-256).</summary>
/// <remarks>NIST SP 800-38D and SP 800-132. A fresh salt and nonce for every sealing.</remarks>
public sealed record SealedBox
{
    /// <summary>Iterations of new boxes.</summary>
    public const int DefaultIterations = 600_000;

    private const int MostIterations = 100_000_000;

    /// <summary>"pbkdf2-hmac-sha256", "raw-key" (sealed under a derived key), or "none" for content in the clear.</summary>
    public required string Kdf { get; init; }

    /// <summary>16 bytes, base64.</summary>
    public string Salt { get; init; } = string.Empty;

    /// <summary>Rounds of PBKDF2.</summary>
    public int Iterations { get; init; }

    /// <summary>12 bytes, base64.</summary>
    public string Nonce { get; init; } = string.Empty;

    /// <summary>Sealed content, base64.</summary>
    public string Ciphertext { get; init; } = string.Empty;

    /// <summary>16 bytes, base64.</summary>
    public string Tag { get; init; } = string.Empty;

    /// <summary>True unless the content is in the clear.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsSealed => Kdf != "none";

    internal static SealedBox Empty { get; } = new() { Kdf = string.Empty };

    /// <summary>Seals under a passphrase, or writes in the clear if there is none.</summary>
    internal static SealedBox Seal(ReadOnlySpan<byte> content, Passphrase? passphrase, ReadOnlySpan<byte> associatedData, ISecureRandom random, int iterations = DefaultIterations)
    {
        if (passphrase is null)
        {
            return new SealedBox { Kdf = "none", Ciphertext = Convert.ToBase64String(content) };
        }

        Span<byte> salt = stackalloc byte[16];
        random.Fill(salt);
        using SecretBytes key = passphrase.DeriveKey(salt, iterations);
        return Encrypt(content, key.Span, associatedData, random) with { Kdf = "pbkdf2-hmac-sha256", Salt = Convert.ToBase64String(salt), Iterations = iterations };
    }

    /// <summary>Seals under a derived key.</summary>
    internal static SealedBox Seal(ReadOnlySpan<byte> content, SecretBytes key, ReadOnlySpan<byte> associatedData, ISecureRandom random) =>
        Encrypt(content, key.Span, associatedData, random) with { Kdf = "raw-key" };

    /// <summary>Opens with a passphrase.</summary>
    /// <exception cref="UsageException">A passphrase is needed and there is none.</exception>
    /// <exception cref="DataFormatException">Wrong passphrase, or the file was changed.</exception>
    internal SecretBytes Open(Passphrase? passphrase, ReadOnlySpan<byte> associatedData, string name)
    {
        if (Kdf == "none")
        {
            return SecretBytes.CopyOf(Bytes(Ciphertext, name));
        }

        if (Kdf != "pbkdf2-hmac-sha256" || Iterations is < 1 or > MostIterations)
        {
            throw Damaged(name, null);
        }

        if (passphrase is null)
        {
            throw new UsageException($"'{name}' is sealed by a passphrase and none was given.", "Give --passphrase-file FILE or set PELLICLE_PASSPHRASE.");
        }

        using SecretBytes key = passphrase.DeriveKey(Bytes(Salt, name), Iterations);
        return Decrypt(key.Span, associatedData, name);
    }

    /// <summary>Opens with a derived key.</summary>
    /// <exception cref="DataFormatException">Another key, or the content was changed.</exception>
    internal SecretBytes Open(SecretBytes key, ReadOnlySpan<byte> associatedData, string name) => Kdf == "raw-key" ? Decrypt(key.Span, associatedData, name) : throw Damaged(name, null);

    /// <summary>Kind and length only.</summary>
    public override string ToString() => $"SealedBox ({Kdf}, {Ciphertext.Length} characters)";

    private static SealedBox Encrypt(ReadOnlySpan<byte> content, ReadOnlySpan<byte> key, ReadOnlySpan<byte> associatedData, ISecureRandom random)
    {
        Span<byte> nonce = stackalloc byte[12];
        random.Fill(nonce);
        var ciphertext = new byte[content.Length];
        Span<byte> tag = stackalloc byte[16];
        using var cipher = new AesGcm(key, tag.Length);
        cipher.Encrypt(nonce, content, ciphertext, tag, associatedData);
        return new SealedBox { Kdf = string.Empty, Nonce = Convert.ToBase64String(nonce), Ciphertext = Convert.ToBase64String(ciphertext), Tag = Convert.ToBase64String(tag) };
    }

    private SecretBytes Decrypt(ReadOnlySpan<byte> key, ReadOnlySpan<byte> associatedData, string name)
    {
        byte[] ciphertext = Bytes(Ciphertext, name);
        byte[] nonce = Bytes(Nonce, name);
        byte[] tag = Bytes(Tag, name);
        if (ciphertext.Length == 0 || nonce.Length != 12 || tag.Length != 16)
        {
            throw Damaged(name, null);
        }

        var content = new SecretBytes(ciphertext.Length);
        try
        {
            using var cipher = new AesGcm(key, tag.Length);
            cipher.Decrypt(nonce, ciphertext, tag, content.Span, associatedData);
            return content;
        }
        catch (AuthenticationTagMismatchException e)
        {
            content.Dispose();
            throw Damaged(name, e);
        }
    }

    private static byte[] Bytes(string base64, string name)
    {
        try
        {
            return Convert.FromBase64String(base64);
        }
        catch (FormatException e)
        {
            throw Damaged(name, e);
        }
    }

    private static DataFormatException Damaged(string name, Exception? inner) =>
        new($"'{name}' cannot be opened: wrong passphrase or key, or the file was changed.", "Check the passphrase and take an unchanged copy of the file.", inner: inner);
}
