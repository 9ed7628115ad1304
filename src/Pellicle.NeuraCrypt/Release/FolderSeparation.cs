using Pellicle.Core.Errors;

namespace Pellicle.NeuraCrypt.Release;

/// <summary>Keeps what is published strictly apart from what is secret.</summary>
internal static class FolderSeparation
{
    /// <summary>Refuses equal or nested folders, and a key or sources under the public one.</summary>
    public static void Require(string publicFolder, string secretFolder, string keyFile, string source)
    {
        string open = Real(publicFolder);
        string secret = Real(secretFolder);
        if (IsWithin(open, secret) || IsWithin(secret, open))
        {
            throw new UsageException($"--out '{publicFolder}' and --secret '{secretFolder}' are the same folder or one lies inside the other.", "Give two folders beside each other: one is published, the other never.");
        }

        if (IsWithin(Real(keyFile), open))
        {
            throw new UsageException($"the key '{keyFile}' lies under --out '{publicFolder}', which is published.", "Move the key, or give another --out.");
        }

        string path = source[(source.IndexOf(':') + 1)..];
        if ((Directory.Exists(path) || File.Exists(path)) && (IsWithin(Real(path), open) || IsWithin(open, Real(path))))
        {
            throw new UsageException($"the source '{source}' and --out '{publicFolder}' lie inside each other.", "Give a new folder for --out.");
        }
    }

    private static bool IsWithin(string path, string folder) => (path + Path.DirectorySeparatorChar).StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    // Follows links of the parts that exist: a link must not smuggle one folder into the other.
    private static string Real(string path)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        string root = Path.GetPathRoot(full)!;
        string real = root;
        foreach (string part in full[root.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            real = Path.Combine(real, part);
            FileSystemInfo info = Directory.Exists(real) ? new DirectoryInfo(real) : new FileInfo(real);
            real = info.Exists && info.ResolveLinkTarget(returnFinalTarget: true) is { } target ? Path.TrimEndingDirectorySeparator(target.FullName) : real;
        }

        return real;
    }
}
