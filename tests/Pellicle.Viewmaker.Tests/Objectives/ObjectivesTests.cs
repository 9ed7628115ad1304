using Pellicle.Formats.Npy;
using Pellicle.Nn.Losses;
using Pellicle.Tensors;
using Pellicle.Viewmaker.Tests.Generators;

namespace Pellicle.Viewmaker.Tests.Objectives;

public class ObjectivesTests
{
    [SharedFact("parity/viewmaker/parity_viewmaker.npz")]
    public void Focal_loss_has_the_value_of_the_reference()
    {
        using TensorScope scope = TensorScope.Open();
        using NpzArchive npz = NpzArchive.Open(SharedFiles.Locate("parity/viewmaker/parity_viewmaker.npz"));
        NpyArray logits = npz.Read("focal/logits");
        Tensor loss = Viewmaker.Objectives.Focal(
            Tensor.From<float>(logits.ToFloats(), [.. logits.Shape]), Tensor.From<long>(npz.Read("focal/target").ToInt64s(), logits.Shape[0]), Tensor.From<float>([0.07f, 0.95f, 0.98f], 3), 2);
        Assert.Equal(1.3265165, loss.Mean().Item(), 1e-6);
    }

    [Fact]
    public void Focal_loss_without_focus_is_the_cross_entropy()
    {
        using TensorScope scope = TensorScope.Open();
        Tensor logits = Random(1, 6, 3);
        Tensor labels = Tensor.From<long>([0, 1, 2, 2, 1, 0], 6);
        ParityTests.AssertClose(Viewmaker.Objectives.CrossEntropy(logits, labels).ToArray<float>(), Viewmaker.Objectives.Focal(logits, labels, null, 0).ToArray<float>(), 1e-6);
    }

    [Fact]
    public void The_factor_of_the_focal_loss_is_not_differentiated()
    {
        using TensorScope scope = TensorScope.Open();
        using GradientMode recording = GradientMode.Recording();
        Tensor logits = Random(2, 1, 2).To(DType.Float64).RequireGradient();
        Tensor labels = Tensor.From<long>([1], 1);
        double[] focal = Tensor.Gradients(Viewmaker.Objectives.Focal(logits, labels, null, 2).Sum(), [logits])[0]!.ToArray<double>();
        double[] plain = Tensor.Gradients(Viewmaker.Objectives.CrossEntropy(logits, labels).Sum(), [logits])[0]!.ToArray<double>();
        double p = logits.Softmax().ToArray<double>()[1];
        Assert.Equal(plain[0] * (1 - p) * (1 - p), focal[0], 1e-12);
    }

    [Fact]
    public void Multi_label_focal_loss_agrees_with_its_formula()
    {
        using TensorScope scope = TensorScope.Open();
        Tensor logits = Random(3, 4, 2) * 3;
        float[] z = logits.ToArray<float>(), y = [0, 1, 1, 0, 1, 1, 0, 0];
        double expected = z.Zip(y).Average(pair =>
        {
            double p = 1 / (1 + Math.Exp(-pair.First)), own = pair.Second == 1 ? p : 1 - p;
            return -10 * Math.Log(own) * (1 - own) * (1 - own);
        });
        Assert.Equal(expected, Viewmaker.Objectives.MultiLabelFocal(logits, Tensor.From<float>(y, 4, 2)).Item(), 1e-5);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void SimClr_agrees_with_its_formula(bool isParity)
    {
        using TensorScope scope = TensorScope.Open();
        Tensor first = Random(4, 3, 5), second = Random(5, 3, 5);
        double[][] a = Rows(first), b = Rows(second);
        const double t = 0.07;
        double Dot(double[] x, double[] y) => x.Zip(y, (p, q) => p * q).Sum();
        double OneSided(double[][] anchor, double[][] other, int i)
        {
            double sum = 0;
            for (int j = 0; j < 3; j++)
            {
                sum += Math.Exp(Dot(anchor[i], other[j]) / t) + (isParity || j != i ? Math.Exp(Dot(anchor[i], anchor[j]) / t) : 0);
            }

            return Math.Log(sum) - (Dot(anchor[i], other[i]) / t);
        }

        float[] found = Viewmaker.Objectives.SimClr(first, second, t, isParity).ToArray<float>();
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(isParity ? OneSided(a, b, i) - Math.Log(6) : (OneSided(a, b, i) + OneSided(b, a, i)) / 2, found[i], 1e-4);
        }
    }

    [Fact]
    public void Contrast_is_small_where_the_own_entry_is_near_and_others_are_far()
    {
        using TensorScope scope = TensorScope.Open();
        Tensor view = Tensor.From<float>([2, 0, 0, 3], 2, 2), own = Tensor.From<float>([1, 0, 0, 1], 2, 2);
        Assert.All(Viewmaker.Objectives.Contrast(view, own, Tensor.From<float>([-1, 0, 0, -1], 2, 2), 0.07).ToArray<float>(), v => Assert.InRange(v, 0, 1e-3f));
        Assert.All(Viewmaker.Objectives.Contrast(view, own, own, 0.07).ToArray<float>(), v => Assert.Equal(Math.Log(2), v, 1e-3));
    }

    [Fact]
    public void Confusion_is_zero_where_the_attacker_says_the_prior_and_grows_on_both_sides()
    {
        using TensorScope scope = TensorScope.Open();
        double[] prior = [0.3, 0.7];
        double Of(double logit) => Viewmaker.Objectives.Confusion(Tensor.From<float>([0, (float)logit], 1, 2), prior).Item();
        double even = Math.Log(0.7 / 0.3);
        Assert.Equal(0, Of(even), 1e-6);
        Assert.True(Of(even + 1) > 0.01);
        Assert.True(Of(even - 1) > 0.01);
    }

    [Fact]
    public void Distillation_is_zero_for_equal_logits_only()
    {
        using TensorScope scope = TensorScope.Open();
        Tensor teacher = Random(7, 3, 4);
        Assert.All(Viewmaker.Objectives.Distillation(teacher, teacher, 2).ToArray<float>(), v => Assert.Equal(0, v, 1e-5));
        Assert.All(Viewmaker.Objectives.Distillation(teacher * 3, teacher, 2).ToArray<float>(), v => Assert.True(v > 1e-3));
    }

    [Fact]
    public void Similarity_is_one_for_equal_pictures_and_less_for_others()
    {
        using TensorScope scope = TensorScope.Open();
        Tensor picture = GeneratorTests.Uniform(1, 2, 3, 16, 16);
        Assert.All(StructuralSimilarity.Of(picture, picture).ToArray<float>(), v => Assert.Equal(1, v, 1e-5));
        Assert.All(StructuralSimilarity.Of(picture, (picture * -1) + 1).ToArray<float>(), v => Assert.True(v < 0.2));
    }

    private static Tensor Random(ulong seed, params ReadOnlySpan<long> shape) => (GeneratorTests.Uniform(seed, shape) * 2) - 1;

    private static double[][] Rows(Tensor rows)
    {
        int width = (int)rows.Size(1);
        return [.. rows.ToArray<float>().Chunk(width).Select(row =>
        {
            double length = Math.Sqrt(row.Sum(v => (double)v * v));
            return row.Select(v => v / length).ToArray();
        })];
    }
}
