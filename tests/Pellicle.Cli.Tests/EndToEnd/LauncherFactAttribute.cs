namespace Pellicle.Cli.Tests.EndToEnd;

/// <summary>A test that starts the launcher; it needs the Release build that ./test.sh and ./build.sh make.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LauncherFactAttribute : FactAttribute
{
    public LauncherFactAttribute()
    {
        if (!File.Exists(Path.Combine(SharedFiles.Repository, "src", "Pellicle.Cli", "bin", "Release", "net10.0", "pellicle.dll")))
        {
            Skip = "needs the Release build (./build.sh)";
        }
    }
}
