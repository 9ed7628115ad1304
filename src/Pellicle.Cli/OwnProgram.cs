using System.Diagnostics;

namespace Pellicle.Cli;

/// <summary>Starts this program again as a process of its own.</summary>
internal static class OwnProgram
{
    /// <summary>How to start it; streams are left to the caller.</summary>
    /// <param name="arguments">Of the command line.</param>
    public static ProcessStartInfo StartInfo(params IEnumerable<string> arguments)
    {
        // This process is "dotnet pellicle.dll", or has the program beside it.
        string self = Environment.ProcessPath!;
        bool isHost = Path.GetFileNameWithoutExtension(self) == "dotnet";
        var start = new ProcessStartInfo(isHost ? self : Path.Combine(AppContext.BaseDirectory, "pellicle")) { UseShellExecute = false };
        if (isHost)
        {
            start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "pellicle.dll"));
        }

        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return start;
    }
}
