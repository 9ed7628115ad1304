using Pellicle.Formats.Bytes;
using Pellicle.Formats.Onnx;
using Pellicle.Formats.Onnx.Execution;
using Pellicle.Formats.Zip;

namespace Pellicle.Data.Tests.RealData;

/// <summary>SqueezeNet in half precision on its published picture (microsoft/Windows-Machine-Learning): decoding, the executor and half-precision rounding together.</summary>
public sealed class OnnxPictureTests
{
    private const string Pack = "data/onnx-models.zip";
    private const int Side = 224;

    [SharedFact(Pack)]
    [Trait(Speed.Trait, Speed.Slow)]
    public void SqueezeNet_gives_the_published_probabilities()
    {
        using var folder = new TestFolder();
        using ZipEntries zip = ZipEntries.Open(SharedFiles.Locate(Pack));
        string picture = folder.Write("fish.png", Read(zip, "fish.png"));
        RawImage fish = ImageFile.Read(picture);
        Assert.Equal((Side, Side, 3), (fish.Width, fish.Height, fish.Channels));
        OnnxModel model = OnnxFile.Read(ByteSource.FromMemory(Read(zip, "model.onnx"), "squeezenet"));

        double[] got = new OnnxExecutor(model).Run(OnnxTensor.OfReals(OnnxElementType.Float16, [1, 3, Side, Side], BluePlaneFirst(fish))).ToDoubles();

        double[] published = Column(Read(zip, "expected-fp16-cpu.csv"));
        double[] ofTwin = Column(Read(zip, "expected-fp32-model-cpu.csv"));
        Assert.Equal(1000, got.Length);
        Assert.Equal(Array.IndexOf(published, published.Max()), Array.IndexOf(got, got.Max()));

        // Half precision has 11 bits: 2^-11 of a probability near 0.74 is 4e-4, and every layer rounds.
        Assert.All(got.Zip(published), pair => Assert.InRange(pair.First - pair.Second, -2e-3, 2e-3));
        Assert.All(got.Zip(ofTwin), pair => Assert.InRange(pair.First - pair.Second, -3e-3, 3e-3));
    }

    private static double[] BluePlaneFirst(RawImage image)
    {
        var planes = new double[3 * Side * Side];
        for (int i = 0; i < Side * Side; i++)
        {
            for (int c = 0; c < 3; c++)
            {
                planes[(c * Side * Side) + i] = image.Bytes[(3 * i) + 2 - c];
            }
        }

        return planes;
    }

    private static double[] Column(byte[] csv) =>
        [.. System.Text.Encoding.ASCII.GetString(csv).Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => double.Parse(line.Split(',')[1]))];

    private static byte[] Read(ZipEntries zip, string name) => zip.Read(zip.Entries.Single(entry => entry.Name == $"squeezenet-fp16/{name}"));
}
