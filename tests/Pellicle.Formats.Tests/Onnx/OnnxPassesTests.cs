using Pellicle.Core.Random;
using Pellicle.Formats.Bytes;
using Pellicle.Formats.Onnx;
using Pellicle.Formats.Onnx.Execution;
using Pellicle.Formats.Onnx.Passes;
using Pellicle.Formats.Zip;

namespace Pellicle.Formats.Tests.Onnx;

public sealed class OnnxPassesTests
{
    private readonly SeededRandom _random = new(3);

    [Fact]
    public void A_spelled_out_network_becomes_a_chain_of_layers_with_the_same_result()
    {
        OnnxModel model = SpelledOut();

        (OnnxModel simple, IReadOnlyDictionary<string, IReadOnlyList<long>> shapes) = OnnxSimplifier.Run(model);

        Assert.Equal(["Conv", "MaxPool", "Relu", "Conv", "Relu", "Flatten", "Gemm", "Gemm"], simple.Graph.Nodes.Select(node => node.Operator));
        Assert.Equal([1L, 3], shapes["y"]);
        Assert.All(simple.Graph.Nodes.Where(node => node.Operator == "Gemm"), node => Assert.Equal(["transB"], node.Attributes.Keys));
        AssertSame(model, simple, [1, 4, 6, 6]);
    }

    [Theory]
    [InlineData("Mul")]
    [InlineData("Div")]
    [InlineData("Add")]
    [InlineData("Sub")]
    [InlineData("BatchNormalization")]
    public void Scales_and_shifts_fold_into_transposed_convolutions_too(string name)
    {
        Dictionary<string, OnnxTensor> constants = new() { ["w"] = Random(4, 2, 3, 3), ["s"] = name == "BatchNormalization" ? Random(2) : Random(2, 1, 1), ["t"] = Random(2), ["m"] = Random(2), ["v"] = Random(2) };
        OnnxNode affine = name == "BatchNormalization" ? Node(name, ["h", "s", "t", "m", "v"], "y") : Node(name, ["h", "s"], "y");
        OnnxModel model = Model([Node("ConvTranspose", ["x", "w"], "h"), affine], constants, [-1, 4, 5, 5]);

        (OnnxModel simple, _) = OnnxSimplifier.Run(model);

        Assert.Equal(["ConvTranspose"], simple.Graph.Nodes.Select(node => node.Operator));
        AssertSame(model, simple, [1, 4, 5, 5]);
    }

    [Fact]
    public void Values_that_are_used_twice_and_constants_that_vary_over_positions_stay()
    {
        Dictionary<string, OnnxTensor> constants = new() { ["w"] = Random(2, 4, 1, 1), ["map"] = Random(1, 2, 5, 5), ["s"] = Random(2, 1, 1) };
        OnnxModel twice = Model([Node("Conv", ["x", "w"], "h"), Node("Mul", ["h", "s"], "g"), Node("Add", ["g", "h"], "y")], constants, [-1, 4, 5, 5]);
        OnnxModel varying = Model([Node("Conv", ["x", "w"], "h"), Node("Add", ["h", "map"], "y")], constants, [-1, 4, 5, 5]);

        foreach (OnnxModel model in new[] { twice, varying })
        {
            (OnnxModel simple, _) = OnnxSimplifier.Run(model);
            Assert.Equal(model.Graph.Nodes.Select(node => node.Operator), simple.Graph.Nodes.Select(node => node.Operator));
            AssertSame(model, simple, [1, 4, 5, 5]);
        }
    }

    [Fact]
    public void A_free_dimension_besides_the_batch_is_refused()
    {
        OnnxModel model = Model([Node("Relu", ["x"], "y")], [], [-1, 4, -1, 5]);
        Assert.Contains("'x'", Assert.Throws<Core.Errors.DataFormatException>(() => OnnxSimplifier.Run(model)).Message, StringComparison.Ordinal);
    }

    [SharedFact("data/onnx-models.zip")]
    [Trait(Speed.Trait, Speed.Slow)]
    public void Published_networks_become_chains_of_layers_with_the_same_results()
    {
        OnnxModel digits = Simplified("mnist-opset8", [1, 1, 28, 28]);
        Assert.Equal(["Conv", "MaxPool", "Relu", "Conv", "MaxPool", "Relu", "Flatten", "Gemm"], digits.Graph.Nodes.Select(node => node.Operator));
        Assert.Equal(digits.Graph.Nodes.Select(node => node.Operator), Simplified("mnist-opset7", [1, 1, 28, 28]).Graph.Nodes.Select(node => node.Operator));
        Simplified("cifar10-pytorch", [1, 3, 32, 32]);
        OnnxModel faces = Simplified("face-rfb-320", [1, 3, 240, 320]);
        Assert.DoesNotContain(faces.Graph.Nodes, node => node.Operator is "BatchNormalization" or "Shape" or "Constant" or "ConstantOfShape");
    }

    private OnnxModel Simplified(string name, long[] shape)
    {
        using ZipEntries zip = ZipEntries.Open(SharedFiles.Locate("data/onnx-models.zip"));
        OnnxModel model = OnnxFile.Read(ByteSource.FromMemory(zip.Read(zip.Entries.Single(entry => entry.Name == $"{name}/model.onnx")), name));
        (OnnxModel simple, _) = OnnxSimplifier.Run(model);
        AssertSame(model, simple, shape);
        return simple;
    }

    private void AssertSame(OnnxModel model, OnnxModel simple, long[] shape)
    {
        var input = new Dictionary<string, OnnxTensor> { [model.Graph.Inputs[0].Name] = Random(shape) };
        IReadOnlyDictionary<string, OnnxTensor> expected = new OnnxExecutor(model).Run(input);
        IReadOnlyDictionary<string, OnnxTensor> got = new OnnxExecutor(simple).Run(input);
        foreach ((string name, OnnxTensor tensor) in expected)
        {
            Assert.Equal(tensor.Shape, got[name].Shape);
            double largest = tensor.ToDoubles().Max(Math.Abs);
            Assert.All(tensor.ToDoubles().Zip(got[name].ToDoubles()), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, 1e-5 * Math.Max(1, largest)));
        }
    }

    private OnnxModel SpelledOut()
    {
        Dictionary<string, OnnxTensor> constants = new()
        {
            ["w1"] = Random(8, 4, 3, 3), ["b1"] = Random(8), ["gamma"] = Random(8), ["beta"] = Random(8), ["mean"] = Random(8), ["var"] = Random(8),
            ["w2"] = Random(4, 4, 1, 1), ["scale"] = Random(1, 4, 1, 1), ["shift"] = Random(4, 1, 1), ["zero"] = OnnxTensor.Of([0L], 1), ["minus"] = OnnxTensor.Of([-1L], 1),
            ["w3"] = Random(36, 5), ["b3"] = Random(1, 5), ["w4"] = Random(5, 3), ["b4"] = Random(3),
        };
        OnnxNode[] nodes =
        [
            Node("Conv", ["x", "w1", "b1"], "c1", ("pads", new long[] { 1, 1, 1, 1 })),
            Node("BatchNormalization", ["c1", "gamma", "beta", "mean", "var"], "n1"),
            Node("Relu", ["n1"], "r1"),
            Node("MaxPool", ["r1"], "p1", ("kernel_shape", new long[] { 2, 2 }), ("strides", new long[] { 1, 1 }), ("pads", new long[] { 0, 0, 1, 1 })),
            Node("Conv", ["p1", "w2"], "c2", ("group", 2L), ("strides", new long[] { 2, 2 })),
            Node("Mul", ["scale", "c2"], "m2"),
            Node("Add", ["m2", "shift"], "a2"),
            Node("Relu", ["a2"], "r2"),
            Node("Shape", ["r2"], "s"),
            Node("Gather", ["s", "zero"], "n", ("axis", 0L)),
            Node("Concat", ["n", "minus"], "target", ("axis", 0L)),
            Node("Reshape", ["r2", "target"], "flat"),
            Node("MatMul", ["flat", "w3"], "f"),
            Node("Add", ["f", "b3"], "h"),
            Node("Dropout", ["h"], "d"),
            Node("Identity", ["d"], "i"),
            Node("Gemm", ["i", "w4", "b4"], "y", ("alpha", 0.5f), ("beta", 2f)),
        ];
        return Model(nodes, constants, [-1, 4, 6, 6]);
    }

    private OnnxTensor Random(params long[] shape) =>
        OnnxTensor.Of([.. Enumerable.Range(0, (int)shape.Aggregate(1L, (x, y) => x * y)).Select(_ => (float)(0.1 + _random.NextDouble()))], shape);

    private static OnnxNode Node(string name, string[] inputs, string output, params (string, object)[] attributes) =>
        new() { Operator = name, Inputs = inputs, Outputs = [output], Attributes = attributes.ToDictionary(pair => pair.Item1, pair => pair.Item2) };

    private static OnnxModel Model(OnnxNode[] nodes, Dictionary<string, OnnxTensor> constants, long[] input) => new()
    {
        Opsets = new Dictionary<string, long> { [""] = 17 },
        Graph = new OnnxGraph
        {
            Inputs = [new OnnxValue("x", OnnxElementType.Float32, input)],
            Outputs = [new OnnxValue("y", OnnxElementType.Float32, null)],
            Initializers = constants,
            Nodes = nodes,
        },
    };
}
