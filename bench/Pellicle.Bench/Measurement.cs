namespace Pellicle.Bench;

/// <summary>One line of a result file.</summary>
/// <param name="Name">Case.</param>
/// <param name="Kind">"private", "ordinary" (ours without clipping and noise), or "plain PyTorch".</param>
/// <param name="Runs">Timed runs.</param>
/// <param name="MinSeconds">Best.</param>
/// <param name="MedianSeconds">Median.</param>
/// <param name="CpuSeconds">Processor seconds a run, over all threads.</param>
/// <param name="PeakMemoryBytes">Largest resident memory of the process that ran it; null where that says nothing.</param>
/// <param name="Ratio">Median over the median of the baseline in the same session.</param>
/// <param name="CpuRatio">The same of CPU seconds.</param>
internal sealed record Measurement(string Name, string Kind, int Runs, double MinSeconds, double MedianSeconds, double CpuSeconds, long? PeakMemoryBytes, double? Ratio, double? CpuRatio)
{
    /// <summary>Of a private step: median over the median of our ordinary step.</summary>
    public double? RatioToOrdinary { get; init; }

    public static Measurement Of(string name, string kind, List<double> seconds, double cpuSeconds, long? peakMemory)
    {
        seconds.Sort();
        return new Measurement(name, kind, seconds.Count, seconds[0], seconds[seconds.Count / 2], cpuSeconds / seconds.Count, peakMemory, null, null);
    }

    public Measurement Against(Measurement baseline) => this with { Ratio = MedianSeconds / baseline.MedianSeconds, CpuRatio = CpuSeconds / baseline.CpuSeconds };
}
