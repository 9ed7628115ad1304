using System.Diagnostics;
using Pellicle.Core.Files;
using Pellicle.Training.Sweeps;

namespace Pellicle.Cli.Sweep;

/// <summary>Runs <c>pellicle train</c> as a process of its own: runs share no memory and no threads, and one that dies takes no other with it.</summary>
/// <param name="threads">Threads of each run.</param>
internal sealed class ProcessLauncher(int threads) : ISweepLauncher
{
    public int Train(SweepJob job, string runFolder, string log)
    {
        using Process process = Process.Start(StartInfo(job, runFolder))!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        AtomicFile.WriteAllText(log, error + output.Result);
        return process.ExitCode;
    }

    private ProcessStartInfo StartInfo(SweepJob job, string runFolder)
    {
        // This process is "dotnet pellicle.dll", or has the program beside it.
        string self = Environment.ProcessPath!;
        bool isHost = Path.GetFileNameWithoutExtension(self) == "dotnet";
        self = isHost ? self : Path.Combine(AppContext.BaseDirectory, "pellicle");
        var start = new ProcessStartInfo(self) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        if (isHost)
        {
            start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "pellicle.dll"));
        }

        start.ArgumentList.Add("train");
        if (File.Exists(Path.Combine(runFolder, "run.json")))
        {
            start.ArgumentList.Add("--resume");
            start.ArgumentList.Add(runFolder);
        }
        else
        {
            start.ArgumentList.Add("--out");
            start.ArgumentList.Add(runFolder);
            foreach ((string key, string? value) in job.Settings)
            {
                start.ArgumentList.Add("--set");
                start.ArgumentList.Add($"{key}={value ?? "null"}");
            }

            if (!job.Settings.ContainsKey("threads"))
            {
                start.ArgumentList.Add("--threads");
                start.ArgumentList.Add(threads.ToString());
            }
        }

        return start;
    }
}
