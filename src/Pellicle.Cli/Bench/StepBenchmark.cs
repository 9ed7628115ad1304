using Pellicle.Nn;

namespace Pellicle.Cli.Bench;

/// <summary>What does a private training step cost against our own without privacy, and against that of another program?</summary>
/// <remarks>They take turns, step by step; each has a process of its own, so that peak memory is that of one network.</remarks>
internal static class StepBenchmark
{
    /// <summary>Measures one case.</summary>
    /// <param name="step">The case.</param>
    /// <param name="threads">Threads of each process.</param>
    /// <param name="runs">Timed steps of each kind.</param>
    /// <param name="program">Takes ordinary float32 steps of another program; null for none.</param>
    public static IReadOnlyList<BenchCase> Run(StepCase step, int threads, int runs, string? program)
    {
        using StepProcess ours = StepProcess.Ours(step, threads, StepServer.Private);
        using StepProcess ordinary = StepProcess.Ours(step, threads, StepServer.Ordinary);
        using StepProcess? other = program is null || step.Precision != ProductPrecision.Float32 ? null : StepProcess.Other(step, threads, program);
        StepProcess[] processes = [.. new[] { ours, ordinary, other }.OfType<StepProcess>()];
        List<double>[] seconds = Array.ConvertAll(processes, _ => new List<double>());
        var cpu = new double[processes.Length];
        int warmUp = Math.Min(3, 1 + (runs / 4));
        for (int i = -warmUp; i < runs; i++)
        {
            for (int k = 0; k < processes.Length; k++)
            {
                double before = processes[k].CpuSeconds;
                double elapsed = processes[k].Run();
                if (i >= 0)
                {
                    seconds[k].Add(elapsed);
                    cpu[k] += processes[k].CpuSeconds - before;
                }
            }
        }

        BenchCase[] rows = [.. processes.Select((process, k) => BenchCase.Of($"{step.Name} {process.Name}", step.Batch, threads, seconds[k], cpu[k]) with { PeakMemoryBytes = process.PeakMemoryBytes })];
        rows[0] = rows[0].Against(rows[1]);
        return other is null ? rows : [.. rows[..2].Select(row => Compared(row, rows[2])), rows[2]];
    }

    private static BenchCase Compared(BenchCase row, BenchCase other) => row
        .With("ratioToOtherProgram", row.MedianSeconds / other.MedianSeconds)
        .With("cpuRatioToOtherProgram", row.CpuSeconds / other.CpuSeconds)
        .With("memoryRatioToOtherProgram", (double)row.PeakMemoryBytes!.Value / other.PeakMemoryBytes!.Value);
}
