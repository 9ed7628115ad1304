using Pellicle.Cli.Output;
using Pellicle.Native;

namespace Pellicle.Cli.Bench;

/// <summary>Measures: describe the machine → training steps → noise → accounting → decoding → encoding.</summary>
/// <remarks>What is compared takes turns within one session, so that a slow moment of a shared machine hits both sides.</remarks>
/// <param name="request">What to measure.</param>
/// <param name="cores">Processors of this machine.</param>
/// <param name="reporter">Told what is being measured.</param>
internal sealed class BenchPipeline(BenchRequest request, int cores, Reporter reporter)
{
    /// <summary>Benchmarks of this version.</summary>
    public static IReadOnlyList<string> Names { get; } = ["dp", "noise", "accounting", "decode", "encode", "viewmaker"];

    /// <summary>True if a name says something that can be measured: a benchmark, a training step, or all steps of a model.</summary>
    /// <param name="name">As typed.</param>
    public static bool Has(string name) => Names.Contains(name) || StepCase.All.Any(step => step.Name == name || step.Model == name);

    /// <summary>Measures everything asked for.</summary>
    /// <param name="cancellation">Looked at between cases.</param>
    public BenchResult Run(CancellationToken cancellation)
    {
        NativeRuntime.Start(request.Threads);
        BenchMachine machine = BenchMachine.Describe(cores);
        var cases = new List<BenchCase>();
        foreach ((string name, Func<IReadOnlyList<BenchCase>> measure) in Plan())
        {
            cancellation.ThrowIfCancellationRequested();
            reporter.Note($"measuring {name}");
            cases.AddRange(measure());
        }

        return new BenchResult(machine, cases);
    }

    private IEnumerable<(string Name, Func<IReadOnlyList<BenchCase>> Measure)> Plan()
    {
        foreach (StepCase step in StepCase.All.Where(step => Wants("dp") || Wants(step.Name) || Wants(step.Model)))
        {
            yield return (step.Name, () => StepBenchmark.Run(step, request.Threads, request.Runs ?? step.Runs, request.Baseline));
        }

        if (Wants("noise"))
        {
            yield return ("noise", () => NoiseBenchmark.Run(request.Threads, request.Runs ?? 9));
        }

        if (Wants("accounting"))
        {
            yield return ("accounting", () => AccountingBenchmark.Run(request.Threads, request.Runs ?? 9));
        }

        if (Wants("viewmaker"))
        {
            yield return ("viewmaker", () => ViewmakerBenchmark.Run(request.Threads, request.Runs ?? 3));
        }

        if (Wants("decode"))
        {
            yield return ("decode", () => DecodeBenchmark.Run(request.Data, request.Threads, request.Runs ?? 3));
        }

        if (Wants("encode"))
        {
            yield return ("encode", () => EncodeBenchmark.Run(request.Threads, request.Runs ?? 3));
        }
    }

    private bool Wants(string name) => request.Names.Count == 0 || request.Names.Contains(name);
}
