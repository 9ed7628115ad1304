using System.Diagnostics;

namespace Pellicle.Cli;

/// <summary>This program as a process of its own.</summary>
internal static class SelfProcess
{
    /// <summary>How to start it, with all three streams connected to this process.</summary>
    /// <param name="args">Arguments.</param>
    public static ProcessStartInfo StartInfo(IEnumerable<string> args)
    {
        // This process is "dotnet pellicle.dll", or has the program beside it.
        string self = Environment.ProcessPath!;
        bool isHost = Path.GetFileNameWithoutExtension(self) == "dotnet";
        string program = Path.Combine(AppContext.BaseDirectory, "pellicle");
        return new ProcessStartInfo(isHost ? self : program, isHost ? [program + ".dll", .. args] : args)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
    }
}
