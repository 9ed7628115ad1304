using System.Diagnostics;

namespace Pellicle.Cli.Bench;

/// <summary>Times something that runs in this process: once to warm up, then as often as asked.</summary>
internal static class RepeatedRun
{
    public static BenchCase Measure(string name, int? batch, int threads, int runs, Action run)
    {
        using var process = Process.GetCurrentProcess();
        run();
        var seconds = new List<double>();
        process.Refresh();
        double before = process.TotalProcessorTime.TotalSeconds;
        for (int i = 0; i < runs; i++)
        {
            long start = Stopwatch.GetTimestamp();
            run();
            seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        process.Refresh();
        return BenchCase.Of(name, batch, threads, seconds, process.TotalProcessorTime.TotalSeconds - before);
    }
}
