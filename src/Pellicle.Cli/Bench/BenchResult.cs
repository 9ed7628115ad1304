using System.Globalization;
using Pellicle.Cli.Doctor;
using Pellicle.Native;

namespace Pellicle.Cli.Bench;

/// <summary>Result of <c>bench</c>; property names are the JSON fields.</summary>
/// <param name="Machine">Where it was measured.</param>
/// <param name="Cases">In the order of measuring.</param>
internal sealed record BenchResult(BenchMachine Machine, IReadOnlyList<BenchCase> Cases);

/// <summary>The machine of a measurement.</summary>
/// <param name="Cpu">Name of the processor; null if the system does not tell.</param>
/// <param name="Cores">Processors that this process may use.</param>
/// <param name="InstructionSets">Those that matter here.</param>
/// <param name="Load">Processes that wanted to run, over the last minute, when measuring began; null if the system does not tell.</param>
/// <param name="Kernels">Variant of our kernels.</param>
/// <param name="Libtorch">Version of libtorch.</param>
internal sealed record BenchMachine(string? Cpu, int Cores, IReadOnlyList<string> InstructionSets, double? Load, string Kernels, string Libtorch)
{
    /// <summary>Describes this machine; the native library must have been started.</summary>
    /// <param name="cores">Processors of this machine.</param>
    public static BenchMachine Describe(int cores) => new(
        FirstLine("/proc/cpuinfo", line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[^1].Trim(),
        cores,
        MachineDoctor.Features(),
        double.TryParse(FirstLine("/proc/loadavg", _ => true)?.Split(' ')[0], CultureInfo.InvariantCulture, out double load) ? load : null,
        NativeRuntime.ActiveKernels,
        NativeRuntime.TorchVersion);

    private static string? FirstLine(string file, Func<string, bool> isWanted)
    {
        try
        {
            return File.ReadLines(file).FirstOrDefault(isWanted);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // not a Linux machine
        }
    }
}
