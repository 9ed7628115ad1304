namespace Pellicle.Testing;

/// <summary>Finds the folder "shared" that lies next to the repository: data packs, reference values. It is no part of the repository.</summary>
public static class SharedFiles
{
    private static readonly string? Root = FindRoot();

    /// <summary>The repository's root folder.</summary>
    public static string Repository { get; } = FindRepository();

    /// <summary>Absolute path of a shared file, whether or not it exists.</summary>
    /// <param name="relative">Such as "data/mnist.zip".</param>
    public static string Locate(string relative) => Path.Combine(Root ?? Path.Combine(Repository, "..", "shared"), relative);

    /// <summary>True if the file or folder is there.</summary>
    /// <param name="relative">Such as "data/mnist.zip".</param>
    public static bool Has(string relative) => File.Exists(Locate(relative)) || Directory.Exists(Locate(relative));

    private static string FindRepository()
    {
        for (DirectoryInfo? d = new(AppContext.BaseDirectory); d is not null; d = d.Parent)
        {
            if (File.Exists(Path.Combine(d.FullName, "Directory.Packages.props")))
            {
                return d.FullName;
            }
        }

        throw new InvalidOperationException($"The tests must run from a build inside the repository; no Directory.Packages.props above {AppContext.BaseDirectory}.");
    }

    private static string? FindRoot()
    {
        string next = Path.GetFullPath(Path.Combine(FindRepository(), "..", "shared"));
        return Directory.Exists(next) ? next : null;
    }
}
