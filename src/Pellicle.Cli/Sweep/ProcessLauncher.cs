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
        using Process process = Process.Start(OwnProgram.Connected(Arguments(job, runFolder)))!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        AtomicFile.WriteAllText(log, error + output.Result);
        return process.ExitCode;
    }

    private List<string> Arguments(SweepJob job, string runFolder)
    {
        if (File.Exists(Path.Combine(runFolder, "run.json")))
        {
            return ["train", "--resume", runFolder];
        }

        List<string> args = ["train", "--out", runFolder, .. job.Settings.SelectMany(setting => new[] { "--set", $"{setting.Key}={setting.Value ?? "null"}" })];
        if (!job.Settings.ContainsKey("threads"))
        {
            args.AddRange(["--threads", threads.ToString()]);
        }

        return args;
    }
}
