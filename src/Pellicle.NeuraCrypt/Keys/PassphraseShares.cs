using System.Text;
using System.Text.Json;
using Pellicle.Core.Errors;
using Pellicle.Core.Files;
using Pellicle.Core.Random;
using Pellicle.Formats.Json;

namespace Pellicle.NeuraCrypt.Keys;

/// <summary>Shares of a random passphrase that seals a key: any k of n people open it, k − 1 learn nothing (<see cref="KeyShares"/>).</summary>
/// <remarks>The key file is needed as well: it holds the statistics that are measured later. A wrong join is noticed by the seal.</remarks>
public static class PassphraseShares
{
    private const string FormatName = "pellicle-key-share";
    private const long MostBytes = 1 << 16;
    private const int PassphraseBytes = 32;

    /// <summary>Draws a passphrase and writes its shares beside the key, mode 0600: KEY.share-1 … KEY.share-n.</summary>
    /// <param name="keyFile">Path of the key.</param>
    /// <param name="threshold">k, 2 to n.</param>
    /// <param name="count">n, at most 255.</param>
    /// <param name="random">The cryptographic generator.</param>
    /// <returns>The passphrase, and the files.</returns>
    public static (Passphrase Passphrase, IReadOnlyList<string> Files) Make(string keyFile, int threshold, int count, ISecureRandom random)
    {
        ArgumentNullException.ThrowIfNull(random);
        using SecretBytes drawn = SecretBytes.Draw(random, PassphraseBytes);
        byte[] text = Encoding.ASCII.GetBytes(Convert.ToHexStringLower(drawn.Span));
        var files = new List<string>();
        foreach (byte[] share in KeyShares.Split(text, threshold, count, random))
        {
            string file = $"{keyFile}.share-{share[0]}";
            byte[] content = JsonSerializer.SerializeToUtf8Bytes(new ShareFile(FormatName, 1, Path.GetFileName(keyFile), threshold, count, Convert.ToBase64String(share)), PellicleJson.Indented);
            AtomicFile.Write(file, stream => stream.Write(content), UnixFileMode.UserRead | UnixFileMode.UserWrite);
            files.Add(file);
        }

        Passphrase passphrase = Passphrase.Of(Encoding.ASCII.GetString(text));
        Array.Clear(text);
        return (passphrase, files);
    }

    /// <summary>Joins shares to the passphrase.</summary>
    /// <param name="files">At least as many as the threshold they state.</param>
    /// <exception cref="DataFormatException">A file is no share, or they do not belong together.</exception>
    /// <exception cref="UsageException">Too few, or one twice.</exception>
    public static Passphrase Join(IReadOnlyList<string> files)
    {
        ArgumentNullException.ThrowIfNull(files);
        ShareFile[] shares = [.. files.Select(Read)];
        if (shares.Select(s => (s.Key, s.Threshold, s.Count)).Distinct().Count() != 1)
        {
            throw new DataFormatException($"the shares {string.Join(", ", files)} belong to different keys.", "Give shares of one key.");
        }

        if (shares.Length < shares[0].Threshold)
        {
            throw new UsageException($"{shares.Length} shares were given; '{shares[0].Key}' needs {shares[0].Threshold} of {shares[0].Count}.", "Give more shares.");
        }

        try
        {
            return Passphrase.Of(Encoding.ASCII.GetString(KeyShares.Join([.. shares.Select(s => Convert.FromBase64String(s.Share))])));
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            throw new UsageException("the shares cannot be joined: one is there twice, or is damaged.", "Give different shares of one key.", inner: e);
        }
    }

    private static ShareFile Read(string path)
    {
        try
        {
            return new FileInfo(path).Length <= MostBytes && JsonSerializer.Deserialize<ShareFile>(File.ReadAllBytes(path), PellicleJson.Indented) is { Format: FormatName, Version: 1, Share: not null } share
                ? share
                : throw new DataFormatException($"'{path}' is no share of a key.", "Give files that 'encode keygen --split' wrote.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new DataFormatException($"'{path}' cannot be read: {e.Message.Split('\n')[0]}", "Give files that 'encode keygen --split' wrote.", inner: e);
        }
    }

    private sealed record ShareFile(string Format, int Version, string Key, int Threshold, int Count, string Share)
    {
        /// <summary>Never the share.</summary>
        public override string ToString() => $"ShareFile ({Threshold} of {Count})";
    }
}
