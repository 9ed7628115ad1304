using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Nn;
using Pellicle.Tensors;

namespace Pellicle.Models.Tests;

public sealed class TextureNetworkTests
{
    [Fact]
    public void Only_the_linear_layer_is_trained()
    {
        using ImageClassifier model = Create();
        Assert.Equal(["head.weight", "head.bias"], model.Root.TrainableParameters().Select(parameter => parameter.Name));
        Assert.True(((FeatureNetwork)model.Root).HasFixedFeatures);
        Assert.Equal(2, model.Spec.ScatteringScales);
    }

    [Fact]
    public void It_equals_its_slow_twin_in_double_and_its_file_gives_the_same_logits()
    {
        using TensorScope scope = TensorScope.Open();
        using ImageClassifier model = Fitted();
        using GradientMode off = GradientMode.Off();
        Tensor images = Noise(3, 5);
        float[] fast = model.Forward(images, ForwardContext.Evaluation()).ToArray<float>();
        double[] slow = model.Root.Reference(images.To(DType.Float64), new ReferencePass(model.Root, DType.Float64, ForwardContext.Evaluation())).ToArray<double>();
        Assert.All(slow.Zip(fast), pair => Assert.Equal(pair.First, pair.Second, 2e-3));
        Assert.True(fast.Distinct().Count() == 6);

        string file = Path.Combine(Directory.CreateTempSubdirectory("pellicle-texture-").FullName, "m.safetensors");
        model.Save(file);
        using ImageClassifier again = ImageClassifier.Open(file);
        Assert.True(((IPubliclyFitted)again.Root).IsFitted);
        Assert.Equal(fast, again.Forward(images, ForwardContext.Evaluation()).ToArray<float>());
        Directory.Delete(Path.GetDirectoryName(file)!, true);
    }

    [Fact]
    public void Its_onnx_file_gives_the_logits_of_the_network()
    {
        using ImageClassifier model = Fitted();
        string file = Path.Combine(Directory.CreateTempSubdirectory("pellicle-texture-").FullName, "m.onnx");
        (_, double difference) = OnnxExport.Write(model, file, "", new Dictionary<string, string>());
        Assert.InRange(difference, 0, 1e-3);
        Directory.Delete(Path.GetDirectoryName(file)!, true);
    }

    [Fact]
    public void Convolutions_of_cnn_small_can_be_taken_over()
    {
        using ImageClassifier small = ModelCatalog.Create("cnn_small", new ModelOptions(16, 3, 8), new SeededRandom(9));
        string file = Path.Combine(Directory.CreateTempSubdirectory("pellicle-texture-").FullName, "m.safetensors");
        small.Save(file);
        using ImageClassifier model = Create();
        WeightImport import = model.Import(file);
        Assert.Equal(16, import.Loaded.Count(name => name.StartsWith("features.", StringComparison.Ordinal)));
        Assert.Equal(
            small.Parameters.First(p => p.Name == "features.conv4.weight").Value.ToArray<float>(),
            model.Parameters.First(p => p.Name == "features.conv4.weight").Value.ToArray<float>());
        Directory.Delete(Path.GetDirectoryName(file)!, true);
    }

    [Fact]
    public void Images_with_too_few_positions_are_refused() =>
        Assert.Contains("--image-size", Assert.Throws<UsageException>(() => ModelCatalog.Create("texture_linear", new ModelOptions(24, 3, 2), new SeededRandom(1))).Hint, StringComparison.Ordinal);

    private static ImageClassifier Create() => ModelCatalog.Create("texture_linear", new ModelOptions(16, 3, 2) { ScatteringScales = 2, ScatteringAngles = 4 }, new SeededRandom(1));

    private static ImageClassifier Fitted()
    {
        ImageClassifier model = Create();
        ((IPubliclyFitted)model.Root).Fit([Noise(40, 1), Noise(40, 2)]);
        var random = new SeededRandom(2);
        foreach (ref float value in model.Head.Weight.Value.Data<float>())
        {
            value = (float)random.NextGaussian();
        }

        return model;
    }

    private static Tensor Noise(int images, ulong seed)
    {
        var random = new SeededRandom(seed);
        float[] pixels = [.. Enumerable.Range(0, images * 3 * 16 * 16).Select(_ => (float)random.NextGaussian())];
        return Tensor.From<float>(pixels, images, 3, 16, 16);
    }
}
