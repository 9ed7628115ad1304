using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Pellicle.Core.Errors;

namespace Pellicle.Cli.Bench;

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

    /// <summary>An ordinary step of another program.</summary>
    /// <param name="step">The case.</param>
    /// <param name="threads">Threads.</param>
    /// <param name="program">Speaks the protocol; its arguments are model, batch and threads.</param>
    /// <exception cref="EnvironmentException">It does not run here.</exception>
    public static StepProcess Other(StepCase step, int threads, string program) =>
        Start(new ProcessStartInfo(Path.GetFullPath(program), [step.Model, Invariant(step.Batch), Invariant(threads)]), Path.GetFileNameWithoutExtension(program) + " ")
        ?? throw new EnvironmentException(
            $"the baseline {program} did not become ready.", "See what it needs (bench/baseline/plain_pytorch.py: Debian's python3-torch), or leave --baseline out to compare with our own ordinary step only.");

    /// <summary>Our step, served by this program (see <see cref="StepServer"/>).</summary>
    /// <param name="step">The case.</param>
    /// <param name="threads">Threads.</param>
    /// <param name="kind">Private or ordinary.</param>
    public static StepProcess Ours(StepCase step, int threads, string kind) =>
        Start(OwnProgram.StartInfo("bench", step.Name, "--serve", kind, "--threads", Invariant(threads)), "")
        ?? throw new EnvironmentException($"the process for the {kind} step of {step.Name} did not start.", "Run 'pellicle doctor', and see whether the memory is enough.");

    /// <summary>Takes a step.</summary>
    /// <returns>Seconds.</returns>
    public double Run()
    {
        _process.StandardInput.WriteLine("step");
        _process.StandardInput.Flush();
        string answer = _process.StandardOutput.ReadLine() ?? throw new EnvironmentException($"the process '{Name}' ended in the middle of a step.", "The memory may not be enough: measure a smaller case.");
        return double.Parse(answer.Split(' ')[0], CultureInfo.InvariantCulture) / 1000;
    }

    /// <summary>Ends the process.</summary>
    public void Dispose()
    {
        try
        {
            _process.StandardInput.WriteLine("quit");
            _process.StandardInput.Close();
            _process.StandardOutput.ReadToEnd();
        }
        catch (IOException)
        {
            // It has gone already.
        }

        _process.WaitForExit();
        _process.Dispose();
    }

    private static string Invariant(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static StepProcess? Start(ProcessStartInfo info, string prefix)
    {
        info.RedirectStandardInput = true;
        info.RedirectStandardOutput = true;

        // Spinning threads of a waiting process would slow the other ones down.
        info.Environment["OMP_WAIT_POLICY"] = "passive";
        try
        {
            Process process = Process.Start(info)!;
            if (process.StandardOutput.ReadLine()?.Split(' ') is ["ready", var name, _])
            {
                return new StepProcess(process, prefix + name);
            }

            process.Dispose();
            return null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
