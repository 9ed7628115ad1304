using System.Security.Cryptography;

namespace Pellicle.Core.Files;

/// <summary>SHA-256 (FIPS 180-4) of files, as manifests and records name it.</summary>
public static class FileHash
{
    /// <summary>Hashes a file without reading it into memory.</summary>
    /// <param name="path">The file.</param>
    /// <returns>64 hexadecimal digits in lower case.</returns>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static string Of(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using FileStream stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    /// <summary>Hashes the content of a file that is not written yet.</summary>
    /// <param name="content">All of it.</param>
    public static string Of(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(SHA256.HashData(content));

    /// <summary>True if a file is there and has a hash; a file that cannot be read is not the one.</summary>
    /// <param name="path">The file.</param>
    /// <param name="sha256">64 hexadecimal digits in lower case.</param>
    public static bool Matches(string path, string sha256)
    {
        try
        {
            return File.Exists(path) && Of(path) == sha256;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
