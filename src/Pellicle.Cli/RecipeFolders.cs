namespace Pellicle.Cli;

/// <summary>Where recipes are: in the repository, if the program was built in one, and beside the program.</summary>
internal static class RecipeFolders
{
    private const string Name = "recipes";

    /// <summary>Folders in the order in which they are looked through.</summary>
    public static IReadOnlyList<string> Find()
    {
        string beside = Path.Combine(AppContext.BaseDirectory, Name);
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Pellicle.slnx")))
            {
                return [Path.Combine(folder.FullName, Name), beside];
            }
        }

        return [beside];
    }
}
