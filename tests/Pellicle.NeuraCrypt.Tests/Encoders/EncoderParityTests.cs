using Pellicle.Formats.Npy;
using Pellicle.NeuraCrypt.Encoders;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Tests.Encoders;

/// <summary>Against the modules of yala/NeuraCrypt (commit 6c9862d) on PyTorch 1.13.1; its float32 lies within 1.0e-6 of its float64.</summary>
public class EncoderParityTests
{
    [SharedFact("parity/neuracrypt/encoder_depth-1.npz")]
    public void Linear_encoder_matches_the_reference() => Check("encoder_depth-1.npz", Small(EncoderKind.Linear, -1));

    [SharedFact("parity/neuracrypt/encoder_depth0.npz")]
    public void Depth_0_matches_the_reference() => Check("encoder_depth0.npz", Small(EncoderKind.Conv, 0));

    [SharedFact("parity/neuracrypt/encoder_depth4.npz")]
    public void Depth_4_with_statistics_of_the_batch_matches_the_reference() => Check("encoder_depth4.npz", Small(EncoderKind.Conv, 4));

    [SharedFact("parity/neuracrypt/encoder_depth4.npz")]
    public void Every_stage_of_depth_4_matches_the_reference()
    {
        using TensorScope scope = TensorScope.Open();
        using NpzArchive npz = Open("encoder_depth4.npz");
        using var encoder = new PrivateEncoder(Weights("encoder_depth4.npz", Small(EncoderKind.Conv, 4)));
        var stages = new Dictionary<string, float[]>();
        encoder.Encode(Images(npz), (name, value) => stages[name] = (name == "stage.pos_added" ? value : value.Transpose().Contiguous()).ToArray<float>());
        string[] expected = [.. npz.Names.Where(name => name.StartsWith("stage.", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        Assert.Equal(15, expected.Length);
        Assert.Equal(expected, stages.Keys.Order(StringComparer.Ordinal));
        Assert.All(expected, name => AssertClose(npz.Read(name).ToFloats(), stages[name], 2e-5));
    }

    [SharedFact("parity/neuracrypt/encoder_depth4.npz")]
    public void Encodings_depend_on_the_batch_in_batch_mode()
    {
        using TensorScope scope = TensorScope.Open();
        using NpzArchive npz = Open("encoder_depth4.npz");
        using var encoder = new PrivateEncoder(Weights("encoder_depth4.npz", Small(EncoderKind.Conv, 4)));
        Tensor alone = Tensor.Concatenate(0, [.. Enumerable.Range(0, 3).Select(i => encoder.Encode(Images(npz).Narrow(0, i, 1)))]);
        AssertClose(npz.Read("z_one_image_batches").ToFloats(), alone.ToArray<float>(), 1e-5);
        float[] together = encoder.Encode(Images(npz)).ToArray<float>();
        Assert.True(alone.ToArray<float>().Zip(together, (a, b) => Math.Abs(a - b)).Max() > 0.5);
        Assert.True(encoder.MixesImages);
    }

    [SharedFact("parity/neuracrypt/encoder_depth4.npz")]
    public void Preprocessing_subtracts_43_9_from_values_up_to_255()
    {
        using NpzArchive npz = Open("encoder_depth4.npz");
        var architecture = new EncoderArchitecture();
        float[] expected = npz.Read("x").ToFloats();
        float[] found = [.. npz.Read("pixels_u8").Bytes.ToArray().Select(v => (float)((v - architecture.Mean) / architecture.Std))];
        AssertClose(expected, found, 1e-6);
    }

    [SharedFact("parity/neuracrypt/export_fortran_order.npy")]
    public void Both_index_orders_of_the_reference_files_are_read()
    {
        foreach ((string file, string archive) in new[] { ("export_c_order.npy", "encoder_depth4.npz"), ("export_fortran_order.npy", "encoder_depth-1.npz") })
        {
            using NpzArchive npz = Open(archive);
            NpyArray array = NpyFile.Read(SharedFiles.Locate("parity/neuracrypt/" + file));
            Assert.Equal([16L, 16L], array.Shape);
            Assert.Equal(npz.Read("z").ToFloats()[..256], array.ToFloats());
        }
    }

    internal static EncoderArchitecture Small(EncoderKind kind, int depth) =>
        new() { Kind = kind, Depth = depth, PatchSize = 8, HiddenDim = 16, ImageSize = 32, Normalisation = EncoderNormalisation.Batch };

    internal static void AssertClose(float[] expected, float[] found, double tolerance)
    {
        Assert.Equal(expected.Length, found.Length);
        double largest = expected.Zip(found, (a, b) => Math.Abs((double)a - b)).Max();
        Assert.True(largest <= tolerance, $"largest difference {largest}, allowed {tolerance}");
    }

    private static void Check(string file, EncoderArchitecture architecture)
    {
        using TensorScope scope = TensorScope.Open();
        using NpzArchive npz = Open(file);
        EncoderWeights weights = Weights(file, architecture);
        using var encoder = new PrivateEncoder(weights);
        AssertClose(npz.Read("z").ToFloats(), encoder.Encode(Images(npz)).ToArray<float>(), 1e-5);

        // The float64 run of the reference starts from the float32 inputs and weights.
        double[] exact = ReferenceEncoder.Encode(weights, npz.Read("x").ToDoubles());
        Assert.True(npz.Read("z_f64").ToDoubles().Zip(exact, (a, b) => Math.Abs(a - b)).Max() <= 1e-12);
    }

    private static NpzArchive Open(string file) => NpzArchive.Open(SharedFiles.Locate("parity/neuracrypt/" + file));

    private static EncoderWeights Weights(string file, EncoderArchitecture architecture) => EncoderWeights.Read(SharedFiles.Locate("parity/neuracrypt/" + file), architecture);

    private static Tensor Images(NpzArchive npz) => Tensor.From<float>(npz.Read("x").ToFloats(), 3, 1, 32, 32);
}
