using Pellicle.Core.Random;
using Pellicle.Models;
using Pellicle.NeuraCrypt.Encoders;
using Pellicle.NeuraCrypt.Keys;
using Pellicle.Nn;
using Pellicle.Nn.Losses;
using Pellicle.Nn.Optimizers;
using Pellicle.Privacy.Clipping;
using Pellicle.Tensors;

namespace Pellicle.Cli.Bench;

/// <summary>What does encoding cost an image, and a training step on encodings? Sizes of the paper: 256x256 pixels, 256 patches of 2,048 numbers.</summary>
internal static class EncodeBenchmark
{
    private const int Batch = 32;
    private const int ImageSize = 256;
    private const int Tokens = 256;
    private const int Hidden = 2048;

    public static IReadOnlyList<BenchCase> Run(int threads, int runs) =>
    [
        .. AgainstBareProducts(threads, runs),
        Encode("encode-depth4-bfloat16", new EncoderArchitecture(), ProductPrecision.Bfloat16, threads, runs),
        Encode("encode-depth0", new EncoderArchitecture { Depth = 0 }, ProductPrecision.Float32, threads, runs),
        Encode("encode-linear", new EncoderArchitecture { Kind = EncoderKind.Linear, Depth = -1 }, ProductPrecision.Float32, threads, runs),
        Step("step-deepvit_encoded-1-layer", "deepvit_encoded", 1, threads, runs),
        Step("step-vit_encoded-2-layers", "vit_encoded", 2, threads, runs),
    ];

    // The encoder is products and ReLU, so it cannot be faster than its products alone on the same processor at the same load: the two take turns.
    private static BenchCase[] AgainstBareProducts(int threads, int runs)
    {
        var architecture = new EncoderArchitecture();
        using TensorScope scope = TensorScope.Open();
        Tensor patches = Noise(Batch * architecture.Patches, architecture.PatchValues);
        Tensor rows = Noise(Batch * architecture.Patches, architecture.Width);
        Tensor[] weights = [Noise(architecture.PatchValues, architecture.Width), .. Enumerable.Range(0, architecture.Depth).Select(_ => Noise(architecture.Width, architecture.Width)), Noise(architecture.Width, architecture.HiddenDim)];
        BenchCase[] encoded = new BenchCase[runs];
        BenchCase[] bare = new BenchCase[runs];
        WithEncoder(architecture, ProductPrecision.Float32, encode =>
        {
            for (int i = 0; i < runs; i++)
            {
                encoded[i] = RepeatedRun.Measure("encode-depth4", Batch, threads, 1, encode);
                bare[i] = RepeatedRun.Measure("products-depth4", Batch, threads, 1, () =>
                {
                    foreach (Tensor weight in weights)
                    {
                        using TensorScope one = TensorScope.Open();
                        (ReferenceEquals(weight, weights[0]) ? patches : rows).MatMul(weight);
                    }
                });
            }
        });
        BenchCase products = Joined(bare);
        return [Joined(encoded).Against(products), products];
    }

    // Single runs as one case: the median decides.
    private static BenchCase Joined(BenchCase[] single) =>
        PerImage(BenchCase.Of(single[0].Name, Batch, single[0].Threads, [.. single.Select(run => run.MedianSeconds)], single.Sum(run => run.CpuSeconds)));

    private static BenchCase Encode(string name, EncoderArchitecture architecture, ProductPrecision precision, int threads, int runs)
    {
        BenchCase? row = null;
        WithEncoder(architecture, precision, encode => row = RepeatedRun.Measure(name, Batch, threads, runs, encode));
        return PerImage(row!);
    }

    private static void WithEncoder(EncoderArchitecture architecture, ProductPrecision precision, Action<Action> measure)
    {
        using TensorScope scope = TensorScope.Open();
        using EncoderKey key = EncoderKey.Create(architecture, new SystemSecureRandom(), DateTimeOffset.UnixEpoch);
        Tensor images = Noise(Batch, architecture.Channels, ImageSize, ImageSize);
        if (key.NeedsCalibration)
        {
            key.Freeze(EncoderCalibration.Measure(key.DeriveWeights(), [images]));
        }

        using PrivateEncoder encoder = key.OpenEncoder(precision);
        measure(() =>
        {
            using TensorScope one = TensorScope.Open();
            encoder.Encode(images);
        });
    }

    private static BenchCase Step(string name, string model, int layers, int threads, int runs)
    {
        using TensorScope scope = TensorScope.Open();
        using ImageClassifier classifier = ModelCatalog.Create(model, new ModelOptions(ImageSize, 1, 2) { Tokens = new TokenSpec(Tokens, Hidden, layers, 8) }, new SeededRandom(1));
        using var loss = new CrossEntropyLoss([]);
        using var clipper = new PerUnitClipper(classifier.Root, loss, null);
        using Optimizer adam = Optimizer.Create(new OptimizerOptions { Kind = OptimizerKind.Adam });
        Tensor encodings = Noise(Batch, Tokens, Hidden);
        Tensor labels = Tensor.From<long>([.. Enumerable.Range(0, Batch).Select(i => (long)(i % 2))], Batch);
        return PerImage(RepeatedRun.Measure(name, Batch, threads, runs, () =>
        {
            using TensorScope one = TensorScope.Open();
            clipper.BeginStep();
            clipper.Add(encodings, labels, UnitLayout.Regular(Batch, 1));
            clipper.EndStep();
            using GradientMode off = GradientMode.Off();
            adam.Step(classifier.Root.TrainableParameters(), 1e-4 / Batch);
        }));
    }

    private static Tensor Noise(params long[] shape)
    {
        Tensor values = Tensor.Empty(DType.Float32, shape);
        new TensorOperator("aten::normal_").Apply(values, 0.0, 1.0);
        return values;
    }

    private static BenchCase PerImage(BenchCase row) => row.With("cpuMillisecondsPerImage", row.CpuSeconds * 1e3 / Batch);
}
