namespace Pellicle.Viewmaker.Release;

/// <summary>Names of output files: the tree of the source, with the extension of what is written; two sources never share a name.</summary>
/// <param name="folder">Folder of the results.</param>
/// <param name="obfuscator">Knows the extensions.</param>
/// <param name="sources">All sources, relative: a file that keeps its name comes before one that would take it.</param>
internal sealed class OutputNames(string folder, FileObfuscator obfuscator, IEnumerable<string> sources)
{
    private readonly HashSet<string> _sources = new(sources, StringComparer.Ordinal);
    private readonly HashSet<string> _given = new(StringComparer.Ordinal);

    /// <summary>The output of a source file.</summary>
    /// <param name="relative">Relative to the source.</param>
    public string For(string relative)
    {
        string extension = obfuscator.ExtensionFor(relative);
        string name = extension.Length == 0 ? relative : Path.ChangeExtension(relative, extension);
        bool isFree = (name == relative || !_sources.Contains(name)) && _given.Add(name);
        return Path.Combine(folder, isFree ? name : relative + extension); // a.jpg beside a.png becomes a.jpg.png
    }
}
