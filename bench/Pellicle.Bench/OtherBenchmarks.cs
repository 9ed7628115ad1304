using System.Diagnostics;
using System.Security.Cryptography;
using Pellicle.Data;
using Pellicle.Native;
using Pellicle.Privacy.Accounting;
using Pellicle.Privacy.Noise;
using Pellicle.Tensors;

namespace Pellicle.Bench;

/// <summary>Noise against PyTorch's non-cryptographic normal; accounting; decoding.</summary>
internal static class OtherBenchmarks
{
    private const int NoiseValues = 1 << 22;

    public static IEnumerable<Measurement> Noise(int threads)
    {
        NativeRuntime.Start(threads);
        using TensorScope scope = TensorScope.Open();
        Tensor values = Tensor.Zeros(NoiseValues);
        var normal = new TensorOperator("aten::normal_");
        using var noise = new GaussianNoise(RandomNumberGenerator.GetBytes(GaussianNoise.KeyBytes));
        ulong step = 0;
        Measurement ours = Repeat("noise-4Mi-values", "ours", 9, () => noise.AddTo([values], 1.0, Math.ScaleB(1, -20), 1, step++));
        Measurement theirs = Repeat("noise-4Mi-values", "libtorch normal_", 9, () => normal.Apply(values, 0.0, 1.0));
        return [ours.Against(theirs), theirs];
    }

    public static IEnumerable<Measurement> Accounting()
    {
        var history = new PrivacyHistory[20];
        for (int i = 0; i < history.Length; i++)
        {
            // A different noise each time, so that no cache answers.
            history[i] = PrivacyHistory.Of([new PrivacyPhase(new MechanismEvent(SamplingKind.Poisson, 0.01, 1.0 + (i * 1e-3)), 10_000)]);
        }

        int next = 0;
        yield return Repeat("accounting-prv-10000-steps", "ours", 9, () => new PrvAccountant().Epsilon(history[next++ % history.Length], 1e-5));
    }

    public static IEnumerable<Measurement> Decode(string pack)
    {
        if (!File.Exists(pack))
        {
            Console.Error.WriteLine($"decode: skipped, {pack} is not there");
            yield break;
        }

        using ImageDataset dataset = ImageDataset.Open("pack:" + pack);
        int[] records = [.. Enumerable.Range(0, 2000)];
        var buffer = new float[64 * 3 * 64 * 64];
        yield return Repeat("decode-2000-ham10000-to-64", "ours", 3, () =>
        {
            using var loader = new ImageLoader(dataset, ImageTransform.Centred(64, 3), new LoaderOptions { Threads = 2, CacheBytes = 0 });
            for (int i = 0; i + 64 <= records.Length; i += 64)
            {
                loader.Prefetch(records[Math.Min(records.Length, i + 64)..Math.Min(records.Length, i + 128)]);
                loader.Fill(records.AsSpan(i, 64), buffer);
            }
        });
    }

    private static Measurement Repeat(string name, string kind, int runs, Action run)
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
        return Measurement.Of(name, kind, seconds, process.TotalProcessorTime.TotalSeconds - before, null);
    }
}
