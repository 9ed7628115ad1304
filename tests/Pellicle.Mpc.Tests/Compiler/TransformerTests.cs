using Pellicle.Core.Random;
using Pellicle.Formats.Onnx;
using Pellicle.Formats.Onnx.Execution;
using Pellicle.Models;
using Pellicle.Mpc.Benchmark;
using Pellicle.Mpc.Channels;
using Pellicle.Mpc.Compiler;
using Pellicle.Mpc.Compiler.Layers;
using Pellicle.Mpc.Compiler.Reading;
using Pellicle.Mpc.Party;
using Xunit.Abstractions;

namespace Pellicle.Mpc.Tests.Compiler;

/// <summary>Attention, layer normalisation and rearrangements on shares.</summary>
public class TransformerTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_block_of_attention_predicts_as_in_the_clear_for_one_image_and_for_two(int batch)
    {
        var builder = new NetworkBuilder((3, 8, 8), new SeededRandom(4));
        new TransformerBuilder(builder, 12, 3, 2).Build(patch: 4, blocks: 1, classes: 3);
        Network network = builder.Build();
        float[][] images = [SmallNetworks.Noise(192, 1, 1), SmallNetworks.Noise(192, 2, 1)];
        MpcPlan plan = MpcCompiler.Compile(network, images, new PlanOptions { Batch = batch });
        MpcPlan read = MpcPlanFile.Parse(plan.ToBytes(), "plan.json");
        using LocalPrediction parties = SmallNetworks.Parties(network.ForImages(batch), plan);

        (double[] logits, Traffic traffic, _, _) = parties.Predict([.. Enumerable.Range(0, 192 * batch).Select(i => images[i % batch][i / batch])]);

        for (int n = 0; n < batch; n++)
        {
            double[] expected = network.Compute(images[n])[^1];
            Assert.All(expected, (value, k) => Assert.InRange(logits[(k * batch) + n], value - 0.02, value + 0.02));
        }

        Assert.Equal((plan.Rounds, plan.Bytes), (traffic.Rounds, traffic.Bytes));
        Assert.Equal(plan.Hash, read.Hash);
    }

    [Fact]
    [Trait(Speed.Trait, Speed.Slow)]
    public void An_exported_vision_transformer_is_read_and_predicts_as_its_graph()
    {
        using ImageClassifier classifier = ModelCatalog.Create("vit_tiny", new ModelOptions(32, 3, 3), new SeededRandom(1));
        OnnxModel model = OnnxExport.Build(classifier, "", new Dictionary<string, string>());
        float[] image = SmallNetworks.Noise(3 * 32 * 32, 5, 1);

        Network network = NetworkReader.Read(model);

        float[] expected = new OnnxExecutor(model).Run(OnnxTensor.Of(image, 1, 3, 32, 32)).ToFloats();
        Assert.Equal(12, network.Layers.OfType<SoftmaxLayer>().Count());
        Assert.All(network.Compute(image)[^1], (value, k) => Assert.Equal(expected[k], value, 1e-2)); // GELU is an approximation
        MpcPlan plan = MpcCompiler.Compile(network, [image, SmallNetworks.Noise(3 * 32 * 32, 6, 1)]);
        using var plain = new PlainPrediction(network, plan, new SystemSecureRandom());
        double[] logits = plain.Predict(image).Logits;
        double deviation = expected.Select((value, k) => Math.Abs(value - logits[k])).Max();
        output.WriteLine($"{plan.Rounds} rounds, {plan.Bytes / 1e6:F1} MB; fixed-point logits deviate by {deviation:G3} of {expected.Max(Math.Abs):G3}");
        Assert.InRange(deviation, 0, 0.03);
    }

    [Fact]
    public void Rearrangements_choices_and_gates_of_a_graph_are_read_as_the_executor_runs_them()
    {
        var builder = new OnnxGraphBuilder("x", 4, 6, 6);
        OnnxSymbol x = builder.Input;
        OnnxSymbol t = builder.Add("t", "Transpose", [x.Name], [6, 4, 6], ("perm", new long[] { 0, 2, 1, 3 }));
        OnnxSymbol s = builder.Add("s", "Slice", [t.Name, builder.Integers(5, 1), builder.Integers(-100, 4), builder.Integers(1, 2), builder.Integers(-2, 2)], [3, 2, 6]);
        OnnxSymbol g = builder.Add("g", "Gather", [x.Name, builder.Constant("i", OnnxTensor.Of([1L, 3L], 2))], [2, 6, 6], ("axis", 1L));
        OnnxSymbol m = builder.Add("m", "ReduceMean", [x.Name], [4, 1, 6], ("axes", new long[] { 2 }));
        OnnxSymbol gate = builder.Add("gate", "Mul", [x.Name, m.Name], [4, 6, 6]);
        OnnxSymbol p = builder.Add("p", "Pad", [gate.Name, builder.Integers(0, 1, 0, 2, 0, 0, 1, 0)], [5, 7, 8]);
        OnnxSymbol[] flat = [.. new[] { s, g, p }.Select(value => builder.Add("flat", "Flatten", [value.Name], [value.Shape.Aggregate(1L, (a, b) => a * b)]))];
        OnnxSymbol c = builder.Add("c", "Concat", [.. flat.Select(value => value.Name)], [flat.Sum(value => value.Shape[0])], ("axis", 1L));
        var model = new OnnxModel { Opsets = new Dictionary<string, long> { [""] = 17 }, Graph = builder.Build(c, "y") };
        float[] image = SmallNetworks.Noise(4 * 36, 7, 1);

        Network network = NetworkReader.Read(model);

        float[] expected = new OnnxExecutor(model).Run(OnnxTensor.Of(image, 1, 4, 6, 6)).ToFloats();
        double[] clear = network.Compute(image)[^1];
        using LocalPrediction parties = SmallNetworks.Parties(network, MpcCompiler.Compile(network, [image]));
        double[] logits = parties.Predict(image).Logits;
        Assert.Equal(expected.Length, clear.Length);
        Assert.All(expected, (value, i) => Assert.Equal(value, clear[i], 1e-5));
        Assert.All(expected, (value, i) => Assert.Equal(value, logits[i], 1e-3));
    }

    [Fact]
    public void Every_named_network_has_the_sizes_that_are_published()
    {
        Assert.All(NamedNetworks.Names.Except(["vit_tiny", "resnet18", "skin_vgg"]), name =>
        {
            (int channels, int height, int width) = NamedNetworks.InputOf(name);
            Assert.Equal(channels * height * width, NamedNetworks.Create(name, new SeededRandom(1)).InputCount);
        });
        Network fast = NamedNetworks.Create("skin_fast", new SeededRandom(1));
        Assert.Equal(128 * 7 * 7, fast.Layers[10].InputCount);
        Network lenet = NamedNetworks.Create("lenet", new SeededRandom(1));
        Assert.Equal(800, lenet.Layers[6].InputCount);
        Assert.Equal(431_080, lenet.Layers.OfType<LinearLayer>().Sum(layer => layer.Weight!.Length + layer.Bias!.Length));
    }

    [Fact]
    public void A_benchmark_reports_what_the_plan_declares()
    {
        MpcBenchmarkResult result = new MpcBenchmark((network, plan) => new Threads(new LocalPrediction(network, plan, new SystemSecureRandom(), TimeSpan.FromSeconds(60), null, TimeProvider.System)))
            .Run(new MpcBenchmarkRequest(NamedNetworks.Create("a", new SeededRandom(1))) { Batch = 4, Runs = 3, WarmUps = 1 });

        Assert.InRange(result.Rounds, 1, 20);
        Assert.Equal(result.Bytes, result.BytesByLink.Sum());
        Assert.InRange(result.MaxAbsError, 0, 1e-2);
        Assert.Equal(3, result.PartySeconds.Count);
        Assert.All(result.PartySeconds.Zip(result.ClientSeconds), pair => Assert.InRange(pair.First, double.Epsilon, pair.Second));
        Assert.Equal((1, 7), ((int)result.CpuSeconds, (int)result.PeakMemoryBytes));
    }

    // Three predictions after one: from 3 s to 6 s of processor time.
    private sealed class Threads(IPartyRunner inner) : IMeasuredParties
    {
        private int _asked;

        public TimeSpan ProcessorTime => TimeSpan.FromSeconds(3 * ++_asked);

        public long PeakMemoryBytes => 7;

        public PartyRun Predict(ReadOnlySpan<float> input) => inner.Predict(input);

        public void Dispose() => inner.Dispose();
    }
}
