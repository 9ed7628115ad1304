using System.Diagnostics;
using Pellicle.Native;

namespace Pellicle.Bench;

/// <summary>What does a private training step cost against an ordinary one of PyTorch, and against our own without privacy?</summary>
/// <remarks>The three take turns, step by step, in one session, so that a slow moment of a shared machine hits all of them.</remarks>
internal static class StepBenchmark
{
    public static IEnumerable<Measurement> Run(StepCase @case, int threads, string script)
    {
        NativeRuntime.Start(threads);
        using PlainTorchStep? plain = PlainTorchStep.Start(@case, threads, script);
        using var ours = new OurStep(@case, isPrivate: true);
        using var ordinary = new OurStep(@case, isPrivate: false);
        var times = new List<double>[3];
        var cpu = new double[3];
        for (int kind = 0; kind < 3; kind++)
        {
            times[kind] = [];
        }

        int warmUp = Math.Min(3, 1 + (@case.Runs / 4));
        for (int i = -warmUp; i < @case.Runs; i++)
        {
            double plainBefore = plain?.CpuSeconds ?? 0;
            double plainSeconds = plain?.Run() ?? 0;
            double plainCpu = (plain?.CpuSeconds ?? 0) - plainBefore;
            (double privateSeconds, double privateCpu) = Time(ours.Run);
            (double ordinarySeconds, double ordinaryCpu) = Time(ordinary.Run);
            if (i < 0)
            {
                continue;
            }

            times[0].Add(privateSeconds);
            times[1].Add(ordinarySeconds);
            times[2].Add(plainSeconds);
            cpu[0] += privateCpu;
            cpu[1] += ordinaryCpu;
            cpu[2] += plainCpu;
        }

        using var self = Process.GetCurrentProcess();
        Measurement mine = Measurement.Of(@case.Name, "private", times[0], cpu[0], self.PeakWorkingSet64);
        Measurement same = Measurement.Of(@case.Name, "ordinary", times[1], cpu[1], null);
        if (plain is null)
        {
            return [mine.Against(same), same];
        }

        Measurement baseline = Measurement.Of(@case.Name, "plain PyTorch " + plain.Version, times[2], cpu[2], plain.PeakMemoryBytes);
        return [mine.Against(baseline), same.Against(baseline), baseline];
    }

    private static (double Seconds, double Cpu) Time(Action run)
    {
        using var process = Process.GetCurrentProcess();
        TimeSpan before = process.TotalProcessorTime;
        long start = Stopwatch.GetTimestamp();
        run();
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        process.Refresh();
        return (seconds, (process.TotalProcessorTime - before).TotalSeconds);
    }
}
