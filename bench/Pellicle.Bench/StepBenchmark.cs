namespace Pellicle.Bench;

/// <summary>What does a private training step cost against an ordinary one of PyTorch, and against our own without privacy?</summary>
/// <remarks>The three take turns, step by step, in one session, so that a slow moment of a shared machine hits all of them; each has a
/// process of its own.</remarks>
internal static class StepBenchmark
{
    public static IEnumerable<Measurement> Run(StepCase @case, int threads, string script)
    {
        using StepProcess ours = StepProcess.Ours(@case, threads, "private");
        using StepProcess ordinary = StepProcess.Ours(@case, threads, "ordinary");
        using StepProcess? plain = StepProcess.Baseline(@case, threads, script);
        StepProcess[] processes = [.. new[] { ours, ordinary, plain }.OfType<StepProcess>()];
        List<double>[] seconds = Array.ConvertAll(processes, _ => new List<double>());
        var cpu = new double[processes.Length];
        int warmUp = Math.Min(3, 1 + (@case.Runs / 4));
        for (int i = -warmUp; i < @case.Runs; i++)
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

        Measurement[] rows = [.. processes.Select((process, k) => Measurement.Of(@case.Name, process == plain ? "plain PyTorch " + process.Name : process.Name, seconds[k], cpu[k], process.PeakMemoryBytes))];
        rows[0] = rows[0] with { RatioToOrdinary = rows[0].MedianSeconds / rows[1].MedianSeconds };
        return plain is null ? [rows[0].Against(rows[1]), rows[1]] : [rows[0].Against(rows[2]), rows[1].Against(rows[2]), rows[2]];
    }
}
