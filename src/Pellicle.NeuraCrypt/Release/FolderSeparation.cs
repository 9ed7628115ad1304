using Pellicle.Core.Errors;
using Pellicle.Core.Files;

namespace Pellicle.NeuraCrypt.Release;

/// <summary>Keeps what is published strictly apart from what is secret.</summary>
internal static class FolderSeparation
{
    /// <summary>Refuses equal or nested folders, and a key or sources under the public one.</summary>
    public static void Require(string publicFolder, string secretFolder, string keyFile, string source)
    {
        string open = RealPath.Of(publicFolder);
        string secret = RealPath.Of(secretFolder);
        if (RealPath.IsWithin(open, secret) || RealPath.IsWithin(secret, open))
        {
            throw new UsageException($"--out '{publicFolder}' and --secret '{secretFolder}' are the same folder or one lies inside the other.", "Give two folders beside each other: one is published, the other never.");
        }

        if (RealPath.IsWithin(RealPath.Of(keyFile), open))
        {
            throw new UsageException($"the key '{keyFile}' lies under --out '{publicFolder}', which is published.", "Move the key, or give another --out.");
        }

        string path = source[(source.IndexOf(':') + 1)..];
        if ((Directory.Exists(path) || File.Exists(path)) && (RealPath.IsWithin(RealPath.Of(path), open) || RealPath.IsWithin(open, RealPath.Of(path))))
        {
            throw new UsageException($"the source '{source}' and --out '{publicFolder}' lie inside each other.", "Give a new folder for --out.");
        }
    }
}
