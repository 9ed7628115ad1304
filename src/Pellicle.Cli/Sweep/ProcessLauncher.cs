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
        var arguments = new List<string> { "train" };
        if (File.Exists(Path.Combine(runFolder, "run.json")))
        {
            arguments.AddRange(["--resume", runFolder]);
        }
        else
        {
            arguments.AddRange(["--out", runFolder]);
            arguments.AddRange(job.Settings.SelectMany(setting => new[] { "--set", $"{setting.Key}={setting.Value ?? "null"}" }));
            if (!job.Settings.ContainsKey("threads"))
            {
                arguments.AddRange(["--threads", threads.ToString()]);
            }
        }

        ProcessStartInfo start = OwnProgram.StartInfo(arguments);
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        return start;
    }
}
