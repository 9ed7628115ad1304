namespace Pellicle.Core.Files;

/// <summary>Where a path really leads: links of the parts that exist are followed, so that a link cannot smuggle one folder into another.</summary>
public static class RealPath
{
    /// <summary>The full path without links.</summary>
    /// <param name="path">Need not exist.</param>
    public static string Of(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
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

    /// <summary>True if a path is a folder or lies inside it.</summary>
    /// <param name="path">As <see cref="Of"/> gave it.</param>
    /// <param name="folder">As <see cref="Of"/> gave it.</param>
    public static bool IsWithin(string path, string folder) => (path + Path.DirectorySeparatorChar).StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal);
}
