using System.Security.Cryptography;
using System.Text;
using Pellicle.Core.Errors;

namespace Pellicle.NeuraCrypt.Keys;

/// <summary>A passphrase as UTF-8 bytes that are zeroed when disposed.</summary>
public sealed class Passphrase : IDisposable
{
    /// <summary>Fewest characters.</summary>
    public const int FewestCharacters = 8;

    private readonly SecretBytes _utf8;

    private Passphrase(SecretBytes utf8) => _utf8 = utf8;

    /// <summary>Takes a text.</summary>
    /// <param name="text">At least <see cref="FewestCharacters"/> characters.</param>
    /// <exception cref="UsageException">Too short.</exception>
    public static Passphrase Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Length >= FewestCharacters
            ? new Passphrase(SecretBytes.CopyOf(Encoding.UTF8.GetBytes(text)))
            : throw new UsageException($"the passphrase has {text.Length} characters; expected at least {FewestCharacters}.", "Use several random words.");
    }

    /// <summary>Reads the first line of a file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="DataFormatException">It cannot be read.</exception>
    public static Passphrase FromFile(string path)
    {
        try
        {
            return Of(File.ReadLines(path).FirstOrDefault() ?? string.Empty);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataFormatException($"the passphrase file '{path}' cannot be read: {e.Message.Split('\n')[0]}", "Check path and permissions.", inner: e);
        }
    }

    internal SecretBytes DeriveKey(ReadOnlySpan<byte> salt, int iterations)
    {
        var key = new SecretBytes(32);
        Rfc2898DeriveBytes.Pbkdf2(_utf8.Span, salt, key.Span, iterations, HashAlgorithmName.SHA256);
        return key;
    }

    /// <summary>Zeroes it.</summary>
    public void Dispose() => _utf8.Dispose();

    /// <summary>Never the text.</summary>
    public override string ToString() => "Passphrase";
}
