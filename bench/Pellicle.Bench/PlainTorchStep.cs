using System.Diagnostics;
using System.Globalization;

namespace Pellicle.Bench;

/// <summary>The baseline: an ordinary, non-private step of PyTorch, in a process of its own that takes one step when told to.</summary>
internal sealed class PlainTorchStep : IDisposable
{
    private readonly Process _process;

    private PlainTorchStep(Process process, string version)
    {
        _process = process;
        Version = version;
    }

    public string Version { get; }

    /// <summary>Starts the process; null if this machine has no Python with PyTorch.</summary>
    public static PlainTorchStep? Start(StepCase @case, int threads, string script)
    {
        var info = new ProcessStartInfo("/usr/bin/python3", [script, @case.Model, @case.Batch.ToString(CultureInfo.InvariantCulture), threads.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        // Spinning threads of a waiting process would slow the other one down.
        info.Environment["OMP_WAIT_POLICY"] = "passive";
        Process process = Process.Start(info)!;
        string[]? ready = process.StandardOutput.ReadLine()?.Split(' ');
        return ready is ["ready", var version, _] ? new PlainTorchStep(process, version) : null;
    }

    /// <summary>Takes a step.</summary>
    /// <returns>Seconds.</returns>
    public double Run()
    {
        _process.StandardInput.WriteLine("step");
        _process.StandardInput.Flush();
        return double.Parse(_process.StandardOutput.ReadLine()!.Split(' ')[0], CultureInfo.InvariantCulture) / 1000;
    }

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

    public void Dispose()
    {
        _process.StandardInput.WriteLine("quit");
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }
}
