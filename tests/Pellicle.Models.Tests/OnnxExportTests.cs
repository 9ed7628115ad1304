using Pellicle.Core.Random;
using Pellicle.Formats.Onnx;
using Pellicle.Formats.Onnx.Execution;
using Pellicle.Nn;

namespace Pellicle.Models.Tests;

public sealed class OnnxExportTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pellicle-onnx").FullName;

    [Theory]
    [InlineData("cnn_mnist", 28, 1)]
    [InlineData("cnn_small", 32, 3)]
    [InlineData("resnet18", 32, 3)]
    [InlineData("skin_fast", 32, 3)]
    [InlineData("resnet18_gn", 32, 3)]
    [InlineData("resnet18_gn_ws", 32, 3)]
    [InlineData("vit_tiny", 32, 3)]
    [InlineData("scatter_linear", 28, 1)]
    [InlineData("scatter_cnn", 18, 3)]
    [InlineData("texture_linear", 32, 3)]
    [Trait(Speed.Trait, Speed.Slow)]
    public void An_exported_file_gives_the_logits_of_the_network(string name, int size, int channels)
    {
        using ImageClassifier model = Fresh(name, size, channels);
        string path = Path.Combine(_folder, "model.onnx");

        (OnnxModel written, double difference) = OnnxExport.Write(model, path, "about", new Dictionary<string, string> { ["pellicle.note"] = "test" });

        Assert.InRange(difference, 0, 1e-4);
        OnnxModel read = OnnxFile.Read(path);
        Assert.Equal("test", read.Metadata["pellicle.note"]);
        Assert.Equal("about", read.Description);
        Assert.Equal([-1L, channels, size, size], read.Graph.Inputs.Single().Shape);
        Assert.Equal([-1L, 3], read.Graph.Outputs.Single().Shape);
        Assert.Equal(written.Graph.Nodes.Count, read.Graph.Nodes.Count);
        Assert.All(read.Graph.Nodes, node => Assert.NotEqual(OnnxEncryptedUse.None, OnnxOperators.Find(read, node)!.EncryptedUse));
    }

    [Fact]
    [Trait(Speed.Trait, Speed.Slow)]
    public void Low_rank_pairs_that_are_not_merged_yet_are_exported_too()
    {
        using ImageClassifier model = Fresh("vit_tiny", 32, 3);
        model.TrainOnly(TrainedPart.Lora, 2, new SeededRandom(3));
        foreach (Parameter parameter in model.Parameters.Where(parameter => parameter.Name.EndsWith("lora.B.weight", StringComparison.Ordinal)))
        {
            parameter.Value.Data<float>().Fill(0.05f);
        }

        OnnxModel onnx = OnnxExport.Build(model, "", new Dictionary<string, string>());

        Assert.Contains(onnx.Graph.Initializers.Keys, name => name.Contains("lora.B", StringComparison.Ordinal));
        Assert.InRange(OnnxExport.MaxAbsDifference(model, onnx, 1), 0, 1e-4);
    }

    [Fact]
    [Trait(Speed.Trait, Speed.Full)]
    public void Every_network_of_the_catalog_can_be_exported()
    {
        foreach (string name in ModelCatalog.Names)
        {
            using ImageClassifier model = Fresh(name, 32, 3);
            Assert.InRange(OnnxExport.MaxAbsDifference(model, OnnxExport.Build(model, "", new Dictionary<string, string>()), 2), 0, 1e-3);
        }
    }

    [Fact]
    public void A_graph_that_computes_something_else_is_refused()
    {
        using ImageClassifier model = Fresh("cnn_mnist", 28, 1);
        OnnxModel right = OnnxExport.Build(model, "", new Dictionary<string, string>());
        OnnxNode[] nodes = [.. right.Graph.Nodes.Select(node => node.Name == "fc1/Gemm" ? node with { Attributes = new Dictionary<string, object>(node.Attributes) { ["alpha"] = 1.1f } } : node)];
        Assert.Contains(nodes, node => node.Attributes.ContainsKey("alpha"));

        Assert.Throws<InvalidOperationException>(() => OnnxExport.MaxAbsDifference(model, right with { Graph = right.Graph with { Nodes = nodes } }, 2));
    }

    public void Dispose() => Directory.Delete(_folder, true);

    // Values away from the initial ones: a norm with scale 1 and shift 0 would hide a swapped pair.
    private static ImageClassifier Fresh(string name, int size, int channels)
    {
        ImageClassifier model = ModelCatalog.Create(name, new ModelOptions(size, channels, 3), new SeededRandom(1));
        var random = new SeededRandom(2);
        foreach (Parameter parameter in model.Parameters.Where(parameter => parameter.Shape.Count == 1 || parameter.Name.EndsWith("head.weight", StringComparison.Ordinal)))
        {
            foreach (ref float value in parameter.Value.Data<float>())
            {
                value += (float)(0.2 * random.NextDouble());
            }
        }

        return model;
    }
}
