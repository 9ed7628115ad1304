using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Formats.Safetensors;

namespace Pellicle.Models.Tests;

public sealed class WeightTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pellicle-weights").FullName;

    [Theory]
    [InlineData("cnn_small")]
    [InlineData("vit_tiny")]
    [InlineData("scatter_linear")]
    [InlineData("scatter_cnn")]
    public void Saved_weights_open_as_the_same_network(string name)
    {
        using ImageClassifier model = ModelCatalog.Create(name, new ModelOptions(32, 3, 4), new SeededRandom(1));
        string path = Path.Combine(_folder, "model.safetensors");
        model.Save(path, new Dictionary<string, string> { ["note"] = "test" });
        using ImageClassifier again = ImageClassifier.Open(path);
        Assert.Equal(model.Spec, again.Spec);
        Assert.All(model.Parameters.Zip(again.Parameters), pair => Assert.Equal(pair.First.Value.ToArray<float>(), pair.Second.Value.ToArray<float>()));
        using SafetensorsFile file = SafetensorsFile.Read(path);
        Assert.Equal("test", file.Metadata["note"]);
    }

    [Fact]
    public void Loading_weights_of_another_network_lists_all_problems_and_changes_nothing()
    {
        using ImageClassifier three = ModelCatalog.Create("cnn_small", new ModelOptions(32, 3, 3), new SeededRandom(1));
        using ImageClassifier four = ModelCatalog.Create("cnn_small", new ModelOptions(32, 3, 4), new SeededRandom(2));
        string path = Path.Combine(_folder, "three.safetensors");
        three.Save(path);
        float[] before = four.Parameters[0].Value.ToArray<float>();
        DataFormatException e = Assert.Throws<DataFormatException>(() => four.Load(path));
        Assert.Equal(["head.weight", "head.bias"], e.Problems.Select(problem => problem.Where));
        Assert.Equal(before, four.Parameters[0].Value.ToArray<float>());
    }

    [Fact]
    public void Torchvision_transformer_weights_are_taken_over_with_another_head_and_image_size()
    {
        using ImageClassifier source = ModelCatalog.Create("vit_tiny", new ModelOptions(64, 3, 10), new SeededRandom(1));
        string path = Path.Combine(_folder, "torchvision.safetensors");
        SafetensorsFile.Write(path, source.Parameters.Select(p => NamedArray.Of(Torchvision(p.Name), p.Shape, p.Value.ToArray<float>())));
        using ImageClassifier target = ModelCatalog.Create("vit_tiny", new ModelOptions(96, 3, 2) { PatchSize = 8 }, new SeededRandom(2));
        WeightImport import = target.Import(path);
        Assert.Equal("torchvision", import.Layout);
        Assert.Equal(["head.weight", "head.bias"], import.Missing);
        Assert.Equal(["heads.head.bias", "heads.head.weight"], import.Unmatched.Order());
        Assert.Contains(import.Notes, note => note == "pos_embed: interpolated from 8x8 to 12x12 patches");
        Assert.Contains(import.Notes, note => note.Contains("another number of classes (10, not 2)", StringComparison.Ordinal));
        foreach (string name in new[] { "blocks.3.attn.qkv.weight", "blocks.11.mlp.fc2.bias", "norm.weight", "cls_token", "patch_embed.proj.weight" })
        {
            Assert.Equal(Value(source, name), Value(target, name));
        }

        // The class token's position is kept, and a constant table would stay constant.
        Assert.Equal(Value(source, "pos_embed")[..192], Value(target, "pos_embed")[..192]);
    }

    [Fact]
    public void Colour_weights_are_summed_for_grey_images_and_batch_statistics_are_listed_as_unmatched()
    {
        using ImageClassifier source = ModelCatalog.Create("resnet18_gn", new ModelOptions(64, 3, 5), new SeededRandom(1));
        string path = Path.Combine(_folder, "resnet.safetensors");
        SafetensorsFile.Write(path, source.Parameters.Select(p => NamedArray.Of(p.Name, p.Shape, p.Value.ToArray<float>())).Append(NamedArray.Of("bn1.running_mean", [64], new float[64])));
        using ImageClassifier grey = ModelCatalog.Create("resnet18_gn", new ModelOptions(64, 1, 5), new SeededRandom(2));
        WeightImport import = grey.Import(path);
        Assert.Equal(["bn1.running_mean"], import.Unmatched);
        Assert.Empty(import.Missing);
        float[] colour = Value(source, "conv1.weight");
        Assert.Equal(colour[0] + colour[49] + colour[98], Value(grey, "conv1.weight")[0], 1e-6f);
    }

    [Fact]
    public void Torchvision_residual_weights_are_taken_over_with_their_running_statistics()
    {
        using ImageClassifier source = ModelCatalog.Create("resnet18", new ModelOptions(64, 3, 5), new SeededRandom(1));
        source.Parameters.Single(parameter => parameter.Name == "layer2.0.downsample.1.running_var").Value.FillInPlace(3);
        string path = Path.Combine(_folder, "resnet18.safetensors");
        SafetensorsFile.Write(path, source.Parameters.Select(p => NamedArray.Of(p.Name, p.Shape, p.Value.ToArray<float>())).Append(NamedArray.Of("bn1.num_batches_tracked", [1], new long[1])));
        using ImageClassifier target = ModelCatalog.Create("resnet18", new ModelOptions(64, 3, 2), new SeededRandom(2));
        WeightImport import = target.Import(path);
        Assert.Equal(["fc.weight", "fc.bias"], import.Missing);
        Assert.Equal(["fc.bias", "fc.weight"], import.Unmatched.Order());
        Assert.All(Value(target, "layer2.0.downsample.1.running_var"), value => Assert.Equal(3, value));
        using ImageClassifier grouped = ModelCatalog.Create("resnet18_gn", new ModelOptions(64, 3, 5), new SeededRandom(2));
        Assert.Contains(grouped.Import(path).Notes, note => note.Contains("--replace-batch-norm group", StringComparison.Ordinal));
    }

    [Fact]
    public void A_file_without_one_fitting_tensor_is_refused()
    {
        string path = Path.Combine(_folder, "other.safetensors");
        SafetensorsFile.Write(path, [NamedArray.Of("embedding", [2], new float[2])]);
        using ImageClassifier model = ModelCatalog.Create("cnn_small", new ModelOptions(32, 3, 3), new SeededRandom(1));
        Assert.Contains("'embedding'", Assert.Throws<DataFormatException>(() => model.Import(path)).Message, StringComparison.Ordinal);
        Assert.Throws<DataFormatException>(() => ImageClassifier.Open(path));
    }

    public void Dispose() => Directory.Delete(_folder, true);

    private static float[] Value(ImageClassifier model, string name) => model.Parameters.Single(parameter => parameter.Name == name).Value.ToArray<float>();

    // The names of torchvision.models.vit_b_16 (torchvision 0.14).
    private static string Torchvision(string name) => name
        .Replace("cls_token", "class_token", StringComparison.Ordinal)
        .Replace("pos_embed", "encoder.pos_embedding", StringComparison.Ordinal)
        .Replace("patch_embed.proj.", "conv_proj.", StringComparison.Ordinal)
        .Replace("head.", "heads.head.", StringComparison.Ordinal)
        .Replace("blocks.", "encoder.layers.encoder_layer_", StringComparison.Ordinal)
        .Replace(".norm1.", ".ln_1.", StringComparison.Ordinal)
        .Replace(".norm2.", ".ln_2.", StringComparison.Ordinal)
        .Replace(".attn.qkv.", ".self_attention.in_proj_", StringComparison.Ordinal)
        .Replace(".attn.proj.", ".self_attention.out_proj.", StringComparison.Ordinal)
        .Replace(".mlp.fc1.", ".mlp.0.", StringComparison.Ordinal)
        .Replace(".mlp.fc2.", ".mlp.3.", StringComparison.Ordinal)
        .Replace("norm.", "encoder.ln.", StringComparison.Ordinal);
}
