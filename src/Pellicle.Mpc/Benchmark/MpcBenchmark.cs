using Pellicle.Core.Random;
using Pellicle.Mpc.Compiler;
using Pellicle.Mpc.Party;

namespace Pellicle.Mpc.Benchmark;

/// <summary>Plan → share the weights → warm up → time predictions → compare with floating point.</summary>
/// <param name="start">Starts the parties of a network, repeated for the batch, and its plan.</param>
public sealed class MpcBenchmark(Func<Network, MpcPlan, IMeasuredParties> start)
{
    /// <summary>Measures one network.</summary>
    /// <param name="request">What to measure.</param>
    /// <param name="cancellation">Looked at between predictions.</param>
    public MpcBenchmarkResult Run(MpcBenchmarkRequest request, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var random = new SeededRandom(1);
        float[][] images = [.. Enumerable.Range(0, request.Batch).Select(_ => Image(request.Network.InputCount, random))];
        MpcPlan plan = MpcCompiler.Compile(request.Network, [images[0]], request.Options with { Batch = request.Batch });
        float[] input = [.. Enumerable.Range(0, plan.InputCount).Select(i => images[i % request.Batch][i / request.Batch])];
        using IMeasuredParties parties = start(request.Network.ForImages(request.Batch), plan);
        double warmed = 0;
        for (int i = 0; i < request.WarmUps || warmed < request.WarmUpSeconds; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            warmed += parties.Predict(input).Seconds;
        }

        var runs = new List<PartyRun>();
        TimeSpan before = parties.ProcessorTime;
        for (int i = 0; i < request.Runs; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            runs.Add(parties.Predict(input));
        }

        double cpu = (parties.ProcessorTime - before).TotalSeconds / request.Runs;
        double[] exact = request.Network.Compute(images[0])[^1];
        PartyRun last = runs[^1];
        return new MpcBenchmarkResult
        {
            PartySeconds = [.. runs.Select(run => run.PartySeconds)],
            ClientSeconds = [.. runs.Select(run => run.Seconds)],
            CpuSeconds = cpu,
            PeakMemoryBytes = parties.PeakMemoryBytes,
            Rounds = last.Traffic.Rounds,
            Bytes = last.Traffic.Bytes,
            BytesByLink = last.Traffic.BytesByLink,
            MaxAbsError = exact.Select((value, k) => Math.Abs(value - last.Logits[k * request.Batch])).Max(),
            Layers = last.Layers,
        };
    }

    private static float[] Image(int count, SeededRandom random) => [.. Enumerable.Range(0, count).Select(_ => (float)((2 * random.NextDouble()) - 1))];
}

/// <summary>What to measure.</summary>
/// <param name="Network">For one image, with weights.</param>
public sealed record MpcBenchmarkRequest(Network Network)
{
    /// <summary>Images of one prediction.</summary>
    public int Batch { get; init; } = 1;

    /// <summary>Protocol and scale; its batch is that of this request.</summary>
    public PlanOptions Options { get; init; } = new();

    /// <summary>Timed predictions, at least 1.</summary>
    public int Runs { get; init; } = 20;

    /// <summary>Least number of predictions before them.</summary>
    public int WarmUps { get; init; } = 5;

    /// <summary>Least time of the predictions before them: a long-running party has its code compiled and its memory in place.</summary>
    public double WarmUpSeconds { get; init; }
}

/// <summary>What was measured.</summary>
public sealed record MpcBenchmarkResult
{
    /// <summary>Of each timed prediction, from the first layer to the parts of the result, at the party that began last.</summary>
    public required IReadOnlyList<double> PartySeconds { get; init; }

    /// <summary>Of each timed prediction, from the sharing of the input to the logits at the client.</summary>
    public required IReadOnlyList<double> ClientSeconds { get; init; }

    /// <summary>Processor time of a prediction, all parties and the client.</summary>
    public required double CpuSeconds { get; init; }

    /// <summary>Largest resident memory of a party's process.</summary>
    public required long PeakMemoryBytes { get; init; }

    /// <summary>Longest chain of messages.</summary>
    public required long Rounds { get; init; }

    /// <summary>Bytes between the parties, headers included.</summary>
    public required long Bytes { get; init; }

    /// <summary>[from, to] flattened to 9 entries.</summary>
    public required IReadOnlyList<long> BytesByLink { get; init; }

    /// <summary>Largest difference of a logit of the first image to the network in floating point.</summary>
    public required double MaxAbsError { get; init; }

    /// <summary>Layers of the last prediction.</summary>
    public required IReadOnlyList<LayerRun> Layers { get; init; }
}
