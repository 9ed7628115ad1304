using System.Security.Cryptography;
using Pellicle.Privacy.Noise;
using Pellicle.Tensors;

namespace Pellicle.Cli.Bench;

/// <summary>What does secure noise on a public grid cost against libtorch's normal numbers, which are not secure?</summary>
internal static class NoiseBenchmark
{
    private const int Values = 1 << 22;

    public static IReadOnlyList<BenchCase> Run(int threads, int runs)
    {
        using TensorScope scope = TensorScope.Open();
        Tensor values = Tensor.Zeros(Values);
        var normal = new TensorOperator("aten::normal_");
        using var noise = new GaussianNoise(RandomNumberGenerator.GetBytes(GaussianNoise.KeyBytes));
        ulong step = 0;
        BenchCase ours = RepeatedRun.Measure("noise-4Mi secure", null, threads, runs, () => noise.AddTo([values], 1.0, Math.ScaleB(1, -20), 1, step++));
        BenchCase theirs = RepeatedRun.Measure("noise-4Mi libtorch-normal", null, threads, runs, () => normal.Apply(values, 0.0, 1.0));
        return [PerValue(ours.Against(theirs)), PerValue(theirs)];
    }

    private static BenchCase PerValue(BenchCase row) => row.With("cpuNanosecondsPerValue", row.CpuSeconds * 1e9 / Values);
}
