namespace Pellicle.Viewmaker.Release;

/// <summary>Names of output files: the tree of the source, with the extension of what is written; two sources never share a name.</summary>
/// <param name="folder">Folder of the results.</param>
/// <param name="obfuscator">Knows the extensions.</param>
internal sealed class OutputNames(string folder, FileObfuscator obfuscator)
{
    private readonly HashSet<string> _given = new(StringComparer.Ordinal);

    /// <summary>The output of a source file.</summary>
    /// <param name="relative">Relative to the source.</param>
    public string For(string relative)
    {
        string extension = obfuscator.ExtensionFor(relative);
        string name = extension.Length == 0 ? relative : Path.ChangeExtension(relative, extension);
        return Path.Combine(folder, _given.Add(name) ? name : relative + extension); // a.jpg beside a.png becomes a.jpg.png
    }
}
