namespace Pellicle.Cli.Bench;

/// <summary>What one measurement gave; property names are the JSON fields.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Batch">Images of a step, pictures of a pass; null where there is none.</param>
/// <param name="Threads">Threads of numerical kernels.</param>
/// <param name="Runs">Timed runs.</param>
/// <param name="MinSeconds">Best.</param>
/// <param name="MedianSeconds">Median.</param>
/// <param name="CpuSeconds">Processor seconds a run, over all threads.</param>
/// <param name="PeakMemoryBytes">Largest resident memory of the process that did nothing else; null where that says nothing.</param>
/// <param name="Baseline">Name of the case it is compared with, which took turns with it; null for none.</param>
/// <param name="Ratio">Median over the baseline's median.</param>
/// <param name="Extra">Further numbers by name.</param>
internal sealed record BenchCase(
    string Name,
    int? Batch,
    int Threads,
    int Runs,
    double MinSeconds,
    double MedianSeconds,
    double CpuSeconds,
    long? PeakMemoryBytes,
    string? Baseline,
    double? Ratio,
    IReadOnlyDictionary<string, double> Extra)
{
    /// <summary>Makes a case from timed runs.</summary>
    /// <param name="name">What was measured.</param>
    /// <param name="batch">See <see cref="Batch"/>.</param>
    /// <param name="threads">See <see cref="Threads"/>.</param>
    /// <param name="seconds">Of each run, at least one.</param>
    /// <param name="cpuSeconds">Of all runs together.</param>
    public static BenchCase Of(string name, int? batch, int threads, IReadOnlyList<double> seconds, double cpuSeconds)
    {
        double[] sorted = [.. seconds.Order()];
        return new BenchCase(name, batch, threads, sorted.Length, sorted[0], sorted[sorted.Length / 2], cpuSeconds / sorted.Length, null, null, null, new Dictionary<string, double>());
    }

    /// <summary>Compares with a case of the same session.</summary>
    /// <param name="baseline">The other case.</param>
    public BenchCase Against(BenchCase baseline) =>
        (this with { Baseline = baseline.Name, Ratio = MedianSeconds / baseline.MedianSeconds }).With("cpuRatio", baseline.CpuSeconds == 0 ? double.NaN : CpuSeconds / baseline.CpuSeconds);

    /// <summary>Adds a number; one that is not finite is left out.</summary>
    /// <param name="key">Its name.</param>
    /// <param name="value">The number.</param>
    public BenchCase With(string key, double value) =>
        double.IsFinite(value) ? this with { Extra = new Dictionary<string, double>(Extra) { [key] = value } } : this;
}
