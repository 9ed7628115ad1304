namespace Pellicle.Viewmaker.Tests;

/// <summary>A folder that goes with the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("pellicle-viewmaker-").FullName;

    public string In(params string[] parts) => Path.Combine([_root, .. parts]);

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
