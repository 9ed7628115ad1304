using Pellicle.Formats.Npy;
using Pellicle.NeuraCrypt.Attacks;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Tests.Attacks;

/// <summary>Against mmd_loss of yala/NeuraCrypt (commit 6c9862d).</summary>
public class MmdTests
{
    [SharedFact("parity/neuracrypt/mmd.npz")]
    public void Discrepancy_of_patch_means_and_its_gradient_match_the_reference() => Check("mean_over_patches", sets => sets.Mean(1));

    [SharedFact("parity/neuracrypt/mmd.npz")]
    public void Discrepancy_of_flattened_sets_and_its_gradient_match_the_reference() => Check("flattened", sets => sets.Reshape(sets.Size(0), -1));

    private static void Check(string name, Func<Tensor, Tensor> rows)
    {
        using TensorScope scope = TensorScope.Open();
        using GradientMode recording = GradientMode.Recording();
        using NpzArchive npz = NpzArchive.Open(SharedFiles.Locate("parity/neuracrypt/mmd.npz"));
        long[] source = npz.Read("source").ToInt64s();
        NpyArray stored = npz.Read("x");
        Tensor x = Tensor.From<float>(stored.ToFloats(), [.. stored.Shape]).RequireGradient();
        Tensor values = rows(x);
        Tensor Of(long side) => values.IndexSelect(0, Tensor.From<long>([.. Enumerable.Range(0, source.Length).Where(i => source[i] == side).Select(i => (long)i)], source.Count(s => s == side)));
        Tensor loss = MaximumMeanDiscrepancy.Loss(Of(1), Of(0));
        double expected = npz.Read("mmd." + name).ToFloats()[0];
        Assert.InRange(loss.Item(), expected * (1 - 1e-5), expected * (1 + 1e-5));
        float[] gradient = Tensor.Gradients(loss, [x])[0]!.Contiguous().ToArray<float>();
        float[] reference = npz.Read("grad." + name).ToFloats();
        double scale = reference.Max(v => Math.Abs(v));
        Assert.All(Enumerable.Range(0, reference.Length), i => Assert.InRange(gradient[i], reference[i] - (1e-5 * scale), reference[i] + (1e-5 * scale)));
    }
}
