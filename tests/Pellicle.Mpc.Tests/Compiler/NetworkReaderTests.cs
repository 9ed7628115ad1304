using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Formats.Bytes;
using Pellicle.Formats.Npy;
using Pellicle.Formats.Onnx;
using Pellicle.Formats.Onnx.Execution;
using Pellicle.Formats.Onnx.Passes;
using Pellicle.Formats.Zip;
using Pellicle.Models;
using Pellicle.Mpc.Channels;
using Pellicle.Mpc.Compiler;
using Pellicle.Mpc.Compiler.Reading;
using Pellicle.Mpc.Party;
using Xunit.Abstractions;

namespace Pellicle.Mpc.Tests.Compiler;

/// <summary>From ONNX graphs to predictions by three parties, against the plain executor.</summary>
public class NetworkReaderTests(ITestOutputHelper output)
{
    private const string Pack = "data/onnx-models.zip";

    private readonly SeededRandom _random = new(7);

    [Theory]
    [InlineData("cnn_mnist", 28, 1)]
    [InlineData("cnn_small", 16, 3)]
    [Trait(Speed.Trait, Speed.Slow)]
    public void An_exported_network_predicts_under_encryption_as_in_the_clear(string name, int size, int channels)
    {
        using ImageClassifier classifier = ModelCatalog.Create(name, new ModelOptions(size, channels, 3), new SeededRandom(1));
        OnnxModel model = OnnxExport.Build(classifier, "", new Dictionary<string, string>());

        AssertPredictsAsInTheClear(model, Noise(channels * size * size), [Noise(channels * size * size), Noise(channels * size * size)], 0.02);
    }

    [SharedFact(Pack)]
    [Trait(Speed.Trait, Speed.Slow)]
    public void The_small_colour_network_of_another_program_predicts_under_encryption_as_in_the_clear()
    {
        float[] pixels = Array.ConvertAll(Npy("cifar10-pytorch/input-u8.npy"), pixel => ((pixel / 255) - 0.5f) / 0.5f);
        float[][] images = [.. pixels.Chunk(3 * 32 * 32)];

        AssertPredictsAsInTheClear(Read("cifar10-pytorch"), images[0], images[1..], 0.02);
    }

    [SharedFact(Pack, "data/mnist.zip")]
    [Trait(Speed.Trait, Speed.Slow)]
    public void The_digit_network_of_another_program_predicts_under_encryption_as_in_the_clear()
    {
        using ZipEntries zip = ZipEntries.Open(SharedFiles.Locate("data/mnist.zip"));
        byte[] file = zip.Read(zip.Entries.Single(entry => entry.Name == "t10k-images-idx3-ubyte"))[16..];
        float[][] digits = [.. file.Take(8 * 784).Select(pixel => (float)pixel).Chunk(784)];

        // Pixels are 0 to 255 and logits in the thousands: rounding of weights to 2^-16 is of the order of 1 there.
        AssertPredictsAsInTheClear(Read("mnist-opset8"), digits[0], digits[1..], 2);
    }

    [Fact]
    public void Residuals_padded_pools_spelled_out_gelu_and_a_final_softmax_are_read()
    {
        OnnxModel model = Residual();

        Network network = NetworkReader.Read(model);

        Assert.Equal(["Conv", "Gelu", "Conv", "Add", "MaxPool", "Conv", "Relu", "AveragePool", "Gemm"], network.Layers.Select(layer => layer.OperatorName));
        Assert.Equal([-1, 0, 1, 2, 3, 4, 5, 6, 7], network.Layers.Select(layer => layer.Inputs[0]));
        Assert.Equal(1, network.Layers[3].Inputs[1]);
        AssertPredictsAsInTheClear(model, Noise(2 * 8 * 8), [Noise(2 * 8 * 8), Noise(2 * 8 * 8)], 5e-3);
    }

    [Fact]
    public void Every_node_without_a_rule_is_refused_by_name_with_reason_and_remedy()
    {
        OnnxModel model = Model(builder =>
        {
            OnnxSymbol h = builder.Add("sharp", "Exp", [builder.Input.Name], [2, 8, 8]);
            OnnxSymbol g = builder.Add("mean", "AveragePool", [builder.Input.Name], [2, 1, 1], ("kernel_shape", new long[] { 1, 1 }), ("pads", new long[] { 1, 1, 0, 0 }), ("strides", new long[] { 9, 9 }));
            return builder.Add("sum", "Mul", [h.Name, g.Name], [2, 8, 8]);
        });

        DataFormatException refusal = Assert.Throws<DataFormatException>(() => NetworkReader.Read(model));

        Assert.Equal(2, refusal.Problems.Count);
        Assert.Contains("node 'sharp/Exp' (Exp): the operator has no rule on shares", refusal.Problems[0].Message, StringComparison.Ordinal);
        Assert.Contains("node 'mean/AveragePool' (AveragePool): a window lies in the padding as a whole", refusal.Problems[1].Message, StringComparison.Ordinal);
        Assert.All(refusal.Problems, problem => Assert.NotEmpty(problem.Hint));
        Assert.Contains("2 nodes have no rule", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_table_of_operators_promises_a_rule_exactly_where_there_is_one()
    {
        string[] vanishing = ["Erf", "LogSoftmax"];
        string[] promised = [.. OnnxOperators.All.Where(entry => entry.Value.EncryptedUse is OnnxEncryptedUse.Linear or OnnxEncryptedUse.Local or OnnxEncryptedUse.Nonlinear).Select(entry => entry.Key)];

        Assert.Equal(promised.Except(vanishing).Order(StringComparer.Ordinal), NetworkReader.Operators.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("Clip", "min", -0.25f, "max", 0.5f)]
    [InlineData("LeakyRelu", "alpha", 0.1f, null, 0f)]
    [InlineData("HardSigmoid", "alpha", 0.5f, "beta", 0.25f)]
    [InlineData("HardSwish", null, 0f, null, 0f)]
    [InlineData("Neg", null, 0f, null, 0f)]
    [InlineData("Abs", null, 0f, null, 0f)]
    [InlineData("Elu", null, 0f, null, 0f)]
    [InlineData("Selu", null, 0f, null, 0f)]
    [InlineData("Softplus", null, 0f, null, 0f)]
    public void Functions_made_of_comparisons_are_those_of_the_executor(string name, string? first, float one, string? second, float two)
    {
        (string, object)[] attributes = [.. new[] { (first, one), (second, two) }.Where(pair => pair.Item1 is not null).Select(pair => (pair.Item1!, (object)pair.Item2))];
        OnnxModel model = Model(builder => builder.Add("f", name, [builder.Input.Name], [2, 8, 8], attributes));
        model = model with { Opsets = new Dictionary<string, long> { [""] = name == "Clip" ? 10 : 17 } };
        float[] image = Noise(128);

        float[] expected = new OnnxExecutor(model).Run(OnnxTensor.Of(image, 1, 2, 8, 8)).ToFloats();
        Network network = NetworkReader.Read(model);
        using LocalPrediction parties = SmallNetworks.Parties(network, MpcCompiler.Compile(network, [image]));

        double allowed = name is "Elu" or "Selu" or "Softplus" ? 5e-4 : 1e-5; // piecewise polynomials
        Assert.All(network.Compute(image)[^1], (value, i) => Assert.Equal(expected[i], value, allowed));
        Assert.All(parties.Predict(image).Logits, (value, i) => Assert.Equal(expected[i], value, 1e-3));
    }

    [Theory]
    [InlineData("Resize", 2)]
    [InlineData("Resize", 3)]
    [InlineData("DepthToSpace", 0)]
    [InlineData("SpaceToDepth", 0)]
    [InlineData("ReduceSum", 0)]
    [InlineData("ReduceMax", 0)]
    [InlineData("Max", 0)]
    [InlineData("Min", 0)]
    [InlineData("Mean", 0)]
    [InlineData("Pow", 0)]
    [InlineData("ConvTranspose", 2)]
    [InlineData("ConvTranspose", 3)]
    public void Further_operators_are_those_of_the_executor(string name, int size)
    {
        OnnxModel model = Model(builder =>
        {
            OnnxSymbol x = builder.Input;
            return name switch
            {
                "Resize" => builder.Add("f", name, [x.Name, "", builder.Constant("scales", OnnxTensor.Of([1f, 1f, size, size], 4))], [2, 8 * size, 8 * size], ("mode", "nearest"), ("coordinate_transformation_mode", "asymmetric"), ("nearest_mode", "floor")),
                "DepthToSpace" => builder.Add("f", name, [builder.Add("deep", "SpaceToDepth", [x.Name], [32, 2, 2], ("blocksize", 4L)).Name], [8, 4, 4], ("blocksize", 2L), ("mode", "CRD")),
                "SpaceToDepth" => builder.Add("f", name, [x.Name], [8, 4, 4], ("blocksize", 2L)),
                "ReduceSum" or "ReduceMax" => builder.Add("f", name, [x.Name], [2, 1, 8], ("axes", new long[] { 2 })),
                "Max" or "Min" or "Mean" => builder.Add("f", name, [x.Name, builder.Add("t", "Transpose", [x.Name], [2, 8, 8], ("perm", new long[] { 0, 1, 3, 2 })).Name], [2, 8, 8]),
                "Pow" => builder.Add("f", name, [x.Name, builder.Constant("two", OnnxTensor.Of([2f]))], [2, 8, 8]),
                _ => builder.Add("f", name, [x.Name, builder.Constant("w", OnnxTensor.Of([.. Enumerable.Range(0, 6 * size * size).Select(i => (float)Math.Sin(i))], 2, 3, size, size))], [3, size == 2 ? 16 : 15, size == 2 ? 16 : 15], ("strides", new long[] { 2, 2 }), ("pads", size == 2 ? new long[] { 0, 0, 0, 0 } : new long[] { 1, 1, 1, 1 })),
            };
        });
        model = model with { Opsets = new Dictionary<string, long> { [""] = name.StartsWith("Reduce", StringComparison.Ordinal) ? 11 : 17 } };
        float[] image = Noise(128);

        float[] expected = new OnnxExecutor(model).Run(OnnxTensor.Of(image, 1, 2, 8, 8)).ToFloats();
        Network network = NetworkReader.Read(model);
        using LocalPrediction parties = SmallNetworks.Parties(network, MpcCompiler.Compile(network, [image]));

        Assert.All(network.Compute(image)[^1], (value, i) => Assert.Equal(expected[i], value, 1e-5));
        Assert.All(parties.Predict(image).Logits, (value, i) => Assert.Equal(expected[i], value, 1e-3));
    }

    [Fact]
    public void A_graph_with_two_outputs_or_a_fixed_batch_is_refused()
    {
        OnnxModel model = Residual();
        OnnxModel two = model with { Graph = model.Graph with { Outputs = [model.Graph.Outputs[0], model.Graph.Outputs[0]] } };
        OnnxModel batch = model with { Graph = model.Graph with { Inputs = [model.Graph.Inputs[0] with { Shape = [4, 2, 8, 8] }] } };

        Assert.Contains("2 outputs", Assert.Throws<DataFormatException>(() => NetworkReader.Read(two)).Message, StringComparison.Ordinal);
        Assert.Contains("[4, 2, 8, 8]", Assert.Throws<DataFormatException>(() => NetworkReader.Read(batch)).Message, StringComparison.Ordinal);
    }

    private void AssertPredictsAsInTheClear(OnnxModel model, float[] image, float[][] calibration, double tolerance)
    {
        Network network = NetworkReader.Read(model);
        MpcPlan plan = MpcCompiler.Compile(network, [image, .. calibration]);
        long[] shape = [1, .. model.Graph.Inputs[0].Shape!.Skip(1)];
        float[] expected = new OnnxExecutor(OnnxFinalSoftmax.Remove(model).Model).Run(OnnxTensor.Of(image, shape)).ToFloats();

        using LocalPrediction parties = SmallNetworks.Parties(network, plan);
        (double[] logits, Traffic traffic, _, _) = parties.Predict(image);

        double deviation = logits.Zip(expected, (a, b) => Math.Abs(a - b)).Max();
        output.WriteLine($"{traffic.Rounds} rounds, {traffic.Bytes / 1e6:F2} MB, largest deviation {deviation:G3} of logits up to {expected.Max(Math.Abs):G4}");
        Assert.Equal(expected.Length, logits.Length);
        Assert.True(deviation < tolerance, $"logits deviate by {deviation}");
        Assert.Equal(Array.IndexOf(expected, expected.Max()), Array.IndexOf(logits, logits.Max()));
        Assert.Equal((plan.Rounds, plan.Bytes), (traffic.Rounds, traffic.Bytes));
    }

    // conv → GELU → conv → add → padded max pool → conv · s + t → relu → mean pool → gemm → softmax
    private OnnxModel Residual() => Model(builder =>
    {
        (string, object) padded = ("pads", new long[] { 1, 1, 1, 1 });
        OnnxSymbol h = builder.Add("c1", "Conv", [builder.Input.Name, Weight(builder, "w1", 4, 2, 3, 3)], [4, 8, 8], padded);
        OnnxSymbol g = builder.Add("g", "Div", [h.Name, builder.Scalar(Math.Sqrt(2))], h.Shape);
        g = builder.Add("g", "Erf", [g.Name], h.Shape);
        g = builder.Add("g", "Add", [g.Name, builder.Scalar(1)], h.Shape);
        g = builder.Add("g", "Mul", [h.Name, g.Name], h.Shape);
        g = builder.Add("g", "Mul", [g.Name, builder.Scalar(0.5)], h.Shape);
        h = builder.Add("c2", "Conv", [g.Name, Weight(builder, "w2", 4, 4, 3, 3), Weight(builder, "b2", 4)], h.Shape, padded);
        h = builder.Add("sum", "Add", [h.Name, g.Name], h.Shape);
        h = builder.Add("pool", "MaxPool", [h.Name], [4, 4, 4], ("kernel_shape", new long[] { 3, 3 }), ("strides", new long[] { 2, 2 }), padded);
        h = builder.Add("scale", "Mul", [h.Name, Weight(builder, "s", 4, 1, 1)], h.Shape);
        h = builder.Add("relu", "Relu", [h.Name], h.Shape);
        h = builder.Add("mean", "GlobalAveragePool", [h.Name], [4, 1, 1]);
        h = builder.Add("flat", "Flatten", [h.Name], [4]);
        h = builder.Add("fc", "Gemm", [h.Name, Weight(builder, "fc.w", 3, 4), Weight(builder, "fc.b", 3)], [3], ("transB", 1L));
        return builder.Add("softmax", "Softmax", [h.Name], [3]);
    });

    private static OnnxModel Model(Func<OnnxGraphBuilder, OnnxSymbol> build)
    {
        var builder = new OnnxGraphBuilder("x", 2, 8, 8);
        OnnxSymbol last = build(builder);
        return new OnnxModel { Opsets = new Dictionary<string, long> { [""] = 17 }, Graph = builder.Build(last, "y") };
    }

    private string Weight(OnnxGraphBuilder builder, string name, params long[] shape)
    {
        int count = (int)shape.Aggregate(1L, (product, size) => product * size), depth = Math.Max(1, count / (int)shape[0]);
        return builder.Constant(name, OnnxTensor.Of([.. Enumerable.Range(0, count).Select(_ => (float)(_random.NextGaussian() / Math.Sqrt(depth)))], shape));
    }

    private float[] Noise(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)((2 * _random.NextDouble()) - 1))];

    private static OnnxModel Read(string folder)
    {
        using ZipEntries zip = ZipEntries.Open(SharedFiles.Locate(Pack));
        return OnnxFile.Read(ByteSource.FromMemory(zip.Read(zip.Entries.Single(entry => entry.Name == $"{folder}/model.onnx")), folder));
    }

    private static float[] Npy(string name)
    {
        using ZipEntries zip = ZipEntries.Open(SharedFiles.Locate(Pack));
        return NpyFile.Read(ByteSource.FromMemory(zip.Read(zip.Entries.Single(entry => entry.Name == name)), name)).ToFloats();
    }
}
