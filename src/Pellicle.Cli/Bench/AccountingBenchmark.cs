using Pellicle.Privacy.Accounting;

namespace Pellicle.Cli.Bench;

/// <summary>How long does the prv accountant take for ten thousand steps?</summary>
internal static class AccountingBenchmark
{
    public static IReadOnlyList<BenchCase> Run(int threads, int runs)
    {
        int next = 0;

        // A different noise each time, so that no cache answers.
        double Epsilon() => new PrvAccountant().Epsilon(
            PrivacyHistory.Of([new PrivacyPhase(new MechanismEvent(SamplingKind.Poisson, 0.01, 1.0 + (next++ * 1e-3)), 10_000)]), 1e-5).Epsilon;
        return [RepeatedRun.Measure("accounting-prv-10000-steps", null, threads, runs, () => Epsilon())];
    }
}
