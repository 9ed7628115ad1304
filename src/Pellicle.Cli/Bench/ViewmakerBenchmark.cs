using System.Diagnostics;
using Pellicle.Viewmaker.Training;

namespace Pellicle.Cli.Bench;

/// <summary>What do a forward pass of the generator and a pair of training steps cost at 224 pixels?</summary>
internal static class ViewmakerBenchmark
{
    private const int Side = 224;
    private const int Batch = 16;
    private const int ForwardImages = 8;

    public static IReadOnlyList<BenchCase> Run(int threads, int runs)
    {
        using var work = new ObfuscationWorkload(Side, Batch);
        BenchCase forward = RepeatedRun.Measure($"viewmaker-{Side} forward", ForwardImages, threads, runs, () => work.Forward(ForwardImages));
        BenchCase pair = RepeatedRun.Measure($"viewmaker-{Side} attacker + generator step", Batch, threads, runs, work.Pair);
        using var process = Process.GetCurrentProcess();
        return [forward.With("cpuSecondsPerImage", forward.CpuSeconds / ForwardImages), pair with { PeakMemoryBytes = process.PeakWorkingSet64 }];
    }
}
