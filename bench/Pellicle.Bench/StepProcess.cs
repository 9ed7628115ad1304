using System.Diagnostics;
using System.Globalization;

namespace Pellicle.Bench;

/// <summary>A process with one network that takes a training step when told to: its peak memory is that of this step and nothing else.</summary>
/// <remarks>Protocol: it prints "ready NAME PARAMETERS" once, then answers each line "step" with "MILLISECONDS ..."; "quit" ends it.</remarks>
internal sealed class StepProcess : IDisposable
{
    private readonly Process _process;

    private StepProcess(Process process, string name)
    {
        _process = process;
        Name = name;
    }

    /// <summary>What it runs, as it says itself.</summary>
    public string Name { get; }

    /// <summary>CPU seconds of the process so far.</summary>
    public double CpuSeconds
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime.TotalSeconds;
        }
    }

    /// <summary>Largest resident memory so far, bytes.</summary>
    public long PeakMemoryBytes
    {
        get
        {
            _process.Refresh();
            return _process.PeakWorkingSet64;
        }
    }

    /// <summary>The baseline: an ordinary, non-private step of PyTorch. Null if this machine has no Python with PyTorch.</summary>
    public static StepProcess? Baseline(StepCase @case, int threads, string script) =>
        Start("/usr/bin/python3", script, @case.Model, @case.Batch.ToString(CultureInfo.InvariantCulture), threads.ToString(CultureInfo.InvariantCulture));

    /// <summary>Our step, served by this program (see <see cref="StepServer"/>).</summary>
    public static StepProcess Ours(StepCase @case, int threads, string kind) =>
        Start(Environment.ProcessPath!, [.. OwnArguments(), "--serve", kind, "--threads", threads.ToString(CultureInfo.InvariantCulture), @case.Name])
        ?? throw new InvalidOperationException($"the process for the {kind} step of {@case.Name} did not start");

    /// <summary>Takes a step.</summary>
    /// <returns>Seconds.</returns>
    public double Run()
    {
        _process.StandardInput.WriteLine("step");
        _process.StandardInput.Flush();
        string answer = _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException($"the process '{Name}' ended in the middle of a step");
        return double.Parse(answer.Split(' ')[0], CultureInfo.InvariantCulture) / 1000;
    }

    public void Dispose()
    {
        _process.StandardInput.WriteLine("quit");
        _process.StandardInput.Close();
        _process.StandardOutput.ReadToEnd();
        _process.WaitForExit();
        _process.Dispose();
    }

    // Under the command dotnet, the program itself is its first argument.
    private static string[] OwnArguments() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(StepProcess).Assembly.Location] : [];

    private static StepProcess? Start(string program, params string[] arguments)
    {
        var info = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true };

        // Spinning threads of a waiting process would slow the other ones down.
        info.Environment["OMP_WAIT_POLICY"] = "passive";
        Process process = Process.Start(info)!;
        return process.StandardOutput.ReadLine()?.Split(' ') is ["ready", var name, _] ? new StepProcess(process, name) : null;
    }
}
