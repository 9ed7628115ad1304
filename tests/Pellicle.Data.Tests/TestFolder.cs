namespace Pellicle.Data.Tests;

/// <summary>A temporary folder that is deleted at the end of a test.</summary>
internal sealed class TestFolder : IDisposable
{
    internal string Root { get; } = Directory.CreateTempSubdirectory("pellicle-data-").FullName;

    internal string At(string relative) => Path.Combine(Root, relative);

    internal string Write(string relative, byte[] content)
    {
        string path = At(relative);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
        return path;
    }

    internal string Write(string relative, string content) => Write(relative, System.Text.Encoding.UTF8.GetBytes(content));

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
