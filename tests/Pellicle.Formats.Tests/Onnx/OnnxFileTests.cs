using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Formats.Bytes;
using Pellicle.Formats.Onnx;
using Pellicle.Formats.Onnx.Execution;
using Pellicle.Formats.Tests.Fuzz;

namespace Pellicle.Formats.Tests.Onnx;

public sealed class OnnxFileTests
{
    [Fact]
    public void Written_models_are_read_back_the_same()
    {
        OnnxModel model = Sample();
        byte[] bytes = OnnxFile.ToBytes(model);
        OnnxModel read = Read(bytes);

        Assert.Equal(bytes, OnnxFile.ToBytes(read));
        Assert.Equal("kept", read.Metadata["note"]);
        Assert.Equal(17, read.Opset);
        Assert.Equal([-1L, 2], read.Graph.Inputs[0].Shape);
        foreach ((string name, OnnxTensor tensor) in model.Graph.Initializers)
        {
            Assert.Equal(tensor.Type, read.Graph.Initializers[name].Type);
            Assert.Equal(tensor.ToDoubles(), read.Graph.Initializers[name].ToDoubles());
        }
    }

    [Fact]
    public void All_element_types_survive_writing_and_reading()
    {
        var constants = new Dictionary<string, OnnxTensor>();
        foreach (OnnxElementType type in Enum.GetValues<OnnxElementType>())
        {
            bool isReal = type is OnnxElementType.Float32 or OnnxElementType.Float64 or OnnxElementType.Float16 or OnnxElementType.BFloat16;
            constants[type.ToString()] = isReal ? OnnxTensor.OfReals(type, [3], [1.0 / 3, -2, 70000]) : OnnxTensor.OfIntegers(type, [3], [1, -2, 70000]);
        }

        OnnxModel read = Read(OnnxFile.ToBytes(WithConstants(constants)));

        Assert.All(constants, entry => Assert.Equal(entry.Value.ToDoubles(), read.Graph.Initializers[entry.Key].ToDoubles()));
        Assert.Equal(254, read.Graph.Initializers["UInt8"].Integers[1]);
        Assert.Equal(-2, read.Graph.Initializers["Int8"].Integers[1]);
        Assert.Equal(double.PositiveInfinity, read.Graph.Initializers["Float16"].ToDoubles()[2]);
    }

    [Fact]
    public void Nodes_out_of_order_are_sorted_and_cycles_refused()
    {
        OnnxNode first = Node("Relu", "x", "a");
        OnnxNode second = Node("Relu", "a", "y");
        OnnxModel swapped = Sample([second, first]);

        Assert.Equal(["a", "y"], Read(OnnxFile.ToBytes(swapped)).Graph.Nodes.Select(node => node.Outputs[0]));
        Assert.Contains("cycle", Refusal(Sample([Node("Relu", "c", "a"), Node("Relu", "a", "c"), Node("Relu", "x", "y")])), StringComparison.Ordinal);
    }

    [Fact]
    public void Hostile_graphs_are_refused_by_name()
    {
        Assert.Contains("'nobody'", Refusal(Sample([Node("Relu", "nobody", "y")])), StringComparison.Ordinal);
        Assert.Contains("'y', which exists already", Refusal(Sample([Node("Relu", "x", "y"), Node("Relu", "x", "y")])), StringComparison.Ordinal);
        Assert.Contains("'w', which exists already", Refusal(Sample([Node("Relu", "x", "w"), Node("Relu", "w", "y")])), StringComparison.Ordinal);
        Assert.Contains("(Loop)", Refusal(Sample([Node("Loop", "x", "y")])), StringComparison.Ordinal);
        Assert.Contains("'y', which nothing makes", Refusal(Sample([])), StringComparison.Ordinal);
    }

    [Fact]
    public void Operators_and_versions_that_are_not_known_are_all_listed()
    {
        OnnxModel model = Sample([Node("Relu", "x", "a"), Node("NonMaxSuppression", "a", "b"), Node("TopK", "b", "y")]);
        var refused = Assert.Throws<DataFormatException>(() => new OnnxExecutor(model));
        Assert.Equal(2, refused.Problems.Count);

        var old = Assert.Throws<DataFormatException>(() => new OnnxExecutor(Sample() with { Opsets = new Dictionary<string, long> { [""] = 5 } }));
        Assert.Contains("version 5", old.Message, StringComparison.Ordinal);
        Assert.Throws<DataFormatException>(() => new OnnxExecutor(Sample() with { Opsets = new Dictionary<string, long> { [""] = OnnxOperators.NewestOpset + 1 } }));
    }

    [Fact]
    public void Shape_and_length_of_constants_must_agree()
    {
        byte[] bytes = OnnxFile.ToBytes(WithConstants(new() { ["w"] = OnnxTensor.Of([1f, 2f, 3f], 3) }));
        int at = bytes.AsSpan().IndexOf<byte>([0x0A, 0x01, 0x03]); // dims, packed, one value 3
        Assert.True(at > 0);
        bytes[at + 2] = 4;

        string message = Assert.Throws<DataFormatException>(() => Read(bytes)).Message;

        Assert.Contains("constant 'w' has shape [4], which takes 16 bytes, but 12 are there", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Results_of_any_size_are_refused_before_memory_is_taken()
    {
        OnnxNode expand = Node("Expand", "x", "y") with { Inputs = ["x", "size"] };
        OnnxModel model = Sample([expand], new() { ["size"] = OnnxTensor.Of([1L << 31, 1L << 31, 2], 3) });

        var refused = Assert.Throws<DataFormatException>(() => new OnnxExecutor(model).Run(OnnxTensor.Of([1f, 2f], 1, 2)));

        Assert.Contains("the node that makes 'y' (Expand)", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Inputs_of_another_type_or_shape_are_refused()
    {
        var executor = new OnnxExecutor(Sample());
        Assert.Contains("expected [-1, 2]", Assert.Throws<DataFormatException>(() => executor.Run(OnnxTensor.Of([1f, 2f, 3f], 1, 3))).Message, StringComparison.Ordinal);
        Assert.Throws<DataFormatException>(() => executor.Run(OnnxTensor.Of([1L, 2L], 1, 2)));
    }

    [Fact]
    public void Tensors_outside_the_file_stay_inside_the_models_folder()
    {
        using var folder = new TemporaryFolder();
        byte[] weights = [0, 0, 128, 63, 0, 0, 0, 64];
        string outside = folder.File("w.bin", weights);
        string model = Directory.CreateDirectory(folder.File("model")).FullName;
        File.WriteAllBytes(Path.Combine(model, "w.bin"), weights);

        Assert.Equal([1f, 2f], ReadExternal(model, "w.bin").Graph.Initializers["w"].ToFloats());
        foreach (string escape in new[] { "../w.bin", outside, "", "model/../../w.bin" })
        {
            Assert.Contains("expected a file inside the model's folder", Assert.Throws<DataFormatException>(() => ReadExternal(model, escape)).Message, StringComparison.Ordinal);
        }

        File.CreateSymbolicLink(Path.Combine(model, "link.bin"), outside);
        Assert.Throws<DataFormatException>(() => ReadExternal(model, "link.bin"));
    }

    [Fact]
    public void Damaged_models_end_in_a_format_error_and_take_little_memory()
    {
        const int Cases = 10_000;
        byte[] valid = OnnxFile.ToBytes(Sample());
        var root = new SeededRandom(20);
        int refused = 0;
        for (int i = 0; i < Cases; i++)
        {
            byte[] bytes = Mutation.Of(valid, root.Derive("onnx", (ulong)i));
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                new OnnxExecutor(Read(bytes)).Run(OnnxTensor.Of([1f, 2f], 1, 2));
            }
            catch (DataFormatException e)
            {
                Assert.NotEmpty(e.Hint);
                refused++;
            }

            // 4 times the file and 64 MB.
            Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < (4L * bytes.Length) + (64 << 20), $"case {i} took too much memory");
        }

        Assert.True(refused > Cases / 4, $"only {refused} of {Cases} damaged files were refused");
    }

    [Fact]
    public void Millions_of_empty_nodes_are_refused_before_parsing()
    {
        byte[] nodes = [.. Enumerable.Repeat(new byte[] { 0x0A, 0x00 }, 1_200_000).SelectMany(pair => pair)];
        byte[] bytes = [0x08, 0x08, 0x3A, .. Varint(nodes.Length), .. nodes];
        long before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Contains("1000000 nodes", Assert.Throws<DataFormatException>(() => Read(bytes)).Message, StringComparison.Ordinal);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 16 << 20);
    }

    private static OnnxModel Read(byte[] bytes) => OnnxFile.Read(ByteSource.FromMemory(bytes, "sample"));

    private static string Refusal(OnnxModel model) => Assert.Throws<DataFormatException>(() => Read(OnnxFile.ToBytes(model))).Message;

    private static OnnxNode Node(string name, string input, string output) => new() { Operator = name, Inputs = [input], Outputs = [output] };

    private static OnnxModel Sample() => Sample(
    [
        new OnnxNode { Operator = "Gemm", Name = "fc", Inputs = ["x", "w", "b"], Outputs = ["h"], Attributes = new Dictionary<string, object> { ["transB"] = 1L, ["alpha"] = 0.5f } },
        Node("Relu", "h", "r"),
        new OnnxNode { Operator = "Reshape", Inputs = ["r", "shape"], Outputs = ["y"], Attributes = new Dictionary<string, object> { ["allowzero"] = 0L } },
    ]);

    private static OnnxModel WithConstants(Dictionary<string, OnnxTensor> constants) => Sample([Node("Relu", "x", "y")], constants);

    private static OnnxModel Sample(OnnxNode[] nodes, Dictionary<string, OnnxTensor>? constants = null) => new()
    {
        Opsets = new Dictionary<string, long> { [""] = 17 },
        Metadata = new Dictionary<string, string> { ["note"] = "kept" },
        Graph = new OnnxGraph
        {
            Inputs = [new OnnxValue("x", OnnxElementType.Float32, [-1, 2])],
            Outputs = [new OnnxValue("y", OnnxElementType.Float32, null)],
            Initializers = constants ?? new() { ["w"] = OnnxTensor.Of([1f, 2f, 3f, 4f, 5f, 6f], 3, 2), ["b"] = OnnxTensor.Of([0f, 1f, -1f], 3), ["shape"] = OnnxTensor.Of([-1L, 3], 2) },
            Nodes = nodes,
        },
    };

    private static OnnxModel ReadExternal(string folder, string location)
    {
        byte[] entry = [0x0A, 8, .. "location"u8, 0x12, (byte)location.Length, .. System.Text.Encoding.UTF8.GetBytes(location)];
        byte[] tensor = [0x0A, 1, 2, 0x10, 1, 0x42, 1, (byte)'w', 0x6A, .. Varint(entry.Length), .. entry, 0x70, 1];
        byte[] graph = [0x2A, .. Varint(tensor.Length), .. tensor, 0x62, 3, 0x0A, 1, (byte)'w'];
        byte[] model = [0x08, 8, 0x3A, .. Varint(graph.Length), .. graph];
        return OnnxFile.Read(ByteSource.FromMemory(model, "sample"), folder);
    }

    private static byte[] Varint(int value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        return [.. bytes, (byte)value];
    }
}
