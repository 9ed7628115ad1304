using System.Diagnostics;

namespace Pellicle.Cli.Tests.EndToEnd;

/// <summary>A file system of a few kibibytes in memory; needs root.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly string _path;

    internal SmallDisk(string path, int kibibytes)
    {
        _path = path;
        Directory.CreateDirectory(path);
        if (!Run("mount", "-t", "tmpfs", "-o", $"size={kibibytes}k", "tmpfs", path))
        {
            throw new InvalidOperationException($"{path} cannot be mounted");
        }
    }

    /// <summary>True if this process may mount.</summary>
    internal static bool IsAvailable()
    {
        string path = Directory.CreateTempSubdirectory("pellicle-mount-").FullName;
        try
        {
            using var disk = new SmallDisk(path, 16);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
        finally
        {
            Directory.Delete(path);
        }
    }

    public void Dispose() => Run("umount", _path);

    private static bool Run(string program, params string[] args)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, args) { RedirectStandardError = true })!;
            process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}

/// <summary>A test that needs a full disk; skipped with a line where nothing may be mounted.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SmallDiskFactAttribute : FactAttribute
{
    public SmallDiskFactAttribute()
    {
        if (!SmallDisk.IsAvailable())
        {
            Skip = "needs a small file system to fill, and mounting one needs root";
        }
    }
}
