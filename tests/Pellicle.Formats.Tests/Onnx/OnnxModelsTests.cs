using Pellicle.Formats.Bytes;
using Pellicle.Formats.Npy;
using Pellicle.Formats.Onnx;
using Pellicle.Formats.Onnx.Execution;
using Pellicle.Formats.Zip;

namespace Pellicle.Formats.Tests.Onnx;

/// <summary>Whole networks with results of an independent interpreter on PyTorch 1.13 (onnx-models.zip). SqueezeNet, which needs a picture, is tested in Pellicle.Data.Tests.</summary>
public sealed class OnnxModelsTests
{
    private const string Pack = "data/onnx-models.zip";

    [SharedFact(Pack, "data/mnist.zip")]
    [Trait(Speed.Trait, Speed.Slow)]
    public void The_digit_networks_give_the_published_outputs()
    {
        using ZipEntries digits = ZipEntries.Open(SharedFiles.Locate("data/mnist.zip"));
        byte[] images = Read(digits, "t10k-images-idx3-ubyte")[16..];
        foreach (string name in new[] { "mnist-opset7", "mnist-opset8" })
        {
            (OnnxModel model, float[] expected) = Open(name, "output-first100-f32.npy");
            var executor = new OnnxExecutor(model);
            for (int i = 0; i < 100; i++)
            {
                float[] pixels = Array.ConvertAll(images[(784 * i)..(784 * (i + 1))], pixel => (float)pixel);
                OnnxTensor logits = executor.Run(OnnxTensor.Of(pixels, 1, 1, 28, 28));

                // Logits are in the thousands: float32 sums differ in the seventh digit.
                AssertClose(expected.AsSpan(10 * i, 10), logits.Floats, 1e-5, 1e-2);
            }
        }
    }

    [SharedFact(Pack)]
    public void The_small_colour_network_gives_the_published_outputs()
    {
        (OnnxModel model, float[] expected) = Open("cifar10-pytorch", "output-f32.npy");
        NpyArray input = Npy("cifar10-pytorch/input-u8.npy");
        float[] pixels = Array.ConvertAll(input.ToFloats(), pixel => ((pixel / 255) - 0.5f) / 0.5f);

        OnnxTensor logits = new OnnxExecutor(model).Run(OnnxTensor.Of(pixels, [.. input.Shape]));

        AssertClose(expected, logits.Floats, 1e-4, 1e-5);
    }

    [SharedFact(Pack)]
    [Trait(Speed.Trait, Speed.Slow)]
    public void The_face_detector_gives_the_published_scores_and_boxes()
    {
        (OnnxModel model, float[] scores) = Open("face-rfb-320", "output-scores-f32.npy");
        NpyArray input = Npy("face-rfb-320/input-u8.npy");
        float[] pixels = Array.ConvertAll(input.ToFloats(), pixel => (pixel - 127) / 128);
        OnnxValue only = Assert.Single(model.Graph.Inputs);

        IReadOnlyDictionary<string, OnnxTensor> results = new OnnxExecutor(model).Run(new Dictionary<string, OnnxTensor> { [only.Name] = OnnxTensor.Of(pixels, 1, 3, 240, 320) });

        AssertClose(scores, results["scores"].Floats, 1e-3, 1e-5);
        AssertClose(Npy("face-rfb-320/output-boxes-f32.npy").ToFloats(), results["boxes"].Floats, 1e-3, 1e-5);
    }

    private static (OnnxModel Model, float[] Expected) Open(string folder, string output)
    {
        using ZipEntries zip = ZipEntries.Open(SharedFiles.Locate(Pack));
        return (OnnxFile.Read(ByteSource.FromMemory(Read(zip, $"{folder}/model.onnx"), folder)), Npy($"{folder}/{output}").ToFloats());
    }

    private static NpyArray Npy(string name)
    {
        using ZipEntries zip = ZipEntries.Open(SharedFiles.Locate(Pack));
        return NpyFile.Read(ByteSource.FromMemory(Read(zip, name), name));
    }

    private static byte[] Read(ZipEntries zip, string name) => zip.Read(zip.Entries.Single(entry => entry.Name == name));

    private static void AssertClose(ReadOnlySpan<float> expected, ReadOnlySpan<float> got, double relative, double absolute)
    {
        Assert.Equal(expected.Length, got.Length);
        for (int i = 0; i < got.Length; i++)
        {
            Assert.True(Math.Abs(expected[i] - got[i]) <= absolute + (relative * Math.Abs(expected[i])), $"element {i} is {got[i]:R}, expected {expected[i]:R}");
        }
    }
}
