using Pellicle.Core.Random;
using Pellicle.Nn;
using Pellicle.Nn.Losses;
using Pellicle.Privacy.Clipping;
using Pellicle.Tensors;

namespace Pellicle.Privacy.Tests.Clipping;

/// <summary>The contribution of a single unit, measured in double, never exceeds the bound.</summary>
public sealed class ContributionBoundTests
{
    public static TheoryData<string, string, string> Settings
    {
        get
        {
            var data = new TheoryData<string, string, string>();
            foreach (string model in new[] { "tokens", "convPadding", "convGroups", "patches" })
            {
                foreach (string method in new[] { "Gram", "PerSample" })
                {
                    foreach (string mode in new[] { "Flat", "PerLayer", "Automatic" })
                    {
                        data.Add(model, method, mode);
                    }
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Settings))]
    public void Contribution_of_a_unit_has_norm_at_most_the_bound_for_random_huge_and_tiny_gradients(string name, string method, string mode)
    {
        (Layer model, long[] shape) = ClippingCases.Create(name);
        using (model)
        {
            foreach (double weight in new[] { 1, 1e6, 1e30, 1e-30 })
            {
                foreach (double bound in new[] { 1, 0.01, 1e-12 })
                {
                    var options = new ClippingOptions { Mode = Enum.Parse<ClippingMode>(mode), MaxGradNorm = bound };
                    double norm = ContributionNorm(model, shape, options, Enum.Parse<ClippingMethod>(method), weight);
                    Assert.InRange(norm, 0, bound);
                }
            }
        }
    }

    [Fact]
    public void Unclipped_gradients_pass_unchanged_and_clipped_ones_reach_the_bound()
    {
        (Layer model, long[] shape) = ClippingCases.Create("tokens");
        using (model)
        {
            double free = ContributionNorm(model, shape, new ClippingOptions { MaxGradNorm = 1e9 }, ClippingMethod.PerSample, 1);
            double clipped = ContributionNorm(model, shape, new ClippingOptions { MaxGradNorm = free / 3 }, ClippingMethod.PerSample, 1);
            Assert.InRange(clipped / (free / 3), 1 - 2e-5, 1);
        }
    }

    [Theory]
    [InlineData(1e-3)]
    [InlineData(1e-5)]
    [InlineData(0)]
    public void Trap_5_gram_norms_of_cancelling_rows_do_not_read_low(double difference)
    {
        // A unit of two nearly equal images with opposite labels' gradients: the rows' products cancel almost completely.
        using TensorScope scope = TensorScope.Open();
        var random = new SeededRandom(5);
        using Layer model = new Sequential(new Flatten(), new Linear(200, 2, random));
        model.Parameters()[0].Value.Data<float>().Clear();
        model.Parameters()[1].Value.Data<float>().Clear();
        float[] values = new float[400];
        for (int i = 0; i < 200; i++)
        {
            values[i] = (float)random.NextGaussian() * 1000;
            values[200 + i] = values[i] * (float)(1 + difference);
        }

        Tensor images = Tensor.From<float>(values, 2, 1, 10, 20);
        Tensor labels = Tensor.From<long>([0, 1], 2);
        UnitLayout units = UnitLayout.Regular(1, 2);
        using var loss = new CrossEntropyLoss();
        var loop = new UnitGradientLoop(model, loss, images, labels, units);
        foreach (double bound in new[] { 1e-3, 1, 1e9 })
        {
            using var clipper = new PerUnitClipper(model, loss, new ClippingOptions { MaxGradNorm = bound }, new ClippingExecution { ForcedMethod = ClippingMethod.Gram });
            clipper.BeginStep();
            ClippedBatch batch = clipper.Add(images, labels, units);
            ClippedSum sum = clipper.EndStep();

            // The gradient is formed in float32 and measured as it is added, so its own rounding remains: 2⁻²⁴ of rows 1e5 times as large as their sum.
            Assert.InRange(batch.UnitNorms[0], loop.Norm(0) * 0.99, loop.Norm(0) * 1.01);
            Assert.InRange(Norm(sum), 0, bound);
        }
    }

    [Fact]
    public void Trap_5_squared_norms_of_long_vectors_do_not_read_low()
    {
        // 2.36 million equal values: the largest layer of ResNet-18. At most 2.4e6 additions with relative error 2⁻⁵³ each: below 3e-10.
        // The float32 routine of libtorch 1.13 reads 4e-5 low here.
        using TensorScope scope = TensorScope.Open();
        float[] values = new float[2_359_296];
        Array.Fill(values, 0.1f);
        double expected = values.Length * (double)0.1f * 0.1f;
        double squared = PellicleOperators.SquaredRowNorms.Call(Tensor.From<float>(values, 1, values.Length)).Item();
        Assert.InRange(squared / expected, 1 - 3e-10, 1 + 3e-10);
    }

    [Fact]
    public void Trap_18_a_gradient_that_is_not_finite_stops_the_step_and_names_the_layer()
    {
        (Layer model, long[] shape) = ClippingCases.Create("groupNorm");
        using (model)
        using (TensorScope.Open())
        using (var loss = new CrossEntropyLoss())
        using (var clipper = new PerUnitClipper(model, loss, new ClippingOptions()))
        {
            (Tensor images, Tensor labels) = ClippingCases.Batch(3, shape);
            images.Data<float>()[0] = float.NaN;
            clipper.BeginStep();
            NonFiniteGradientException e = Assert.Throws<NonFiniteGradientException>(() => clipper.Add(images, labels, UnitLayout.OneImageEach(3)));
            Assert.Equal("0", e.Layer);
        }
    }

    [Theory]
    [InlineData("convPadding", "Gram", float.NaN)]
    [InlineData("convPadding", "PerSample", float.PositiveInfinity)]
    [InlineData("patches", "Gram", float.NaN)]
    [InlineData("convGroups", "Gram", float.NaN)]
    [InlineData("linear", "PerSample", float.NaN)]
    public void With_zero_for_non_finite_a_bad_unit_contributes_nothing_and_the_others_as_before(string name, string method, float bad)
    {
        (Layer model, long[] shape) = ClippingCases.Create(name);
        using (model)
        using (TensorScope.Open())
        using (var loss = new CrossEntropyLoss())
        {
            (Tensor images, Tensor labels) = ClippingCases.Batch(6, shape);
            UnitLayout units = UnitLayout.Of([0, 1, 1, 2, 2, 3], 4);
            var good = new UnitGradientLoop(model, loss, images, labels, units);
            images.Narrow(0, 2, 1).Data<float>()[3] = bad;
            var execution = new ClippingExecution { ForcedMethod = Enum.Parse<ClippingMethod>(method) };
            using var clipper = new PerUnitClipper(model, loss, new ClippingOptions { MaxGradNorm = 1e9, ZeroNonFinite = true }, execution);
            clipper.BeginStep();
            ClippedBatch batch = clipper.Add(images, labels, units);
            ClippedSum sum = clipper.EndStep();
            Assert.Equal(1, batch.NonFinite);
            Assert.True(double.IsFinite(batch.LossSum));
            Assert.InRange(UnitGradientLoop.RelativeError(sum.Parameters, good.Sum(unit => unit == 1 ? 0 : 1)), 0, 1e-5);
        }
    }

    private static double ContributionNorm(Layer model, long[] shape, ClippingOptions options, ClippingMethod method, double lossWeight)
    {
        using TensorScope scope = TensorScope.Open();
        using var loss = new CrossEntropyLoss(lossWeight, lossWeight, lossWeight, lossWeight);
        (Tensor images, Tensor labels) = ClippingCases.Batch(2, shape);
        using var clipper = new PerUnitClipper(model, loss, options, new ClippingExecution { ForcedMethod = method });
        clipper.BeginStep();
        clipper.Add(images, labels, UnitLayout.Regular(1, 2));
        return Norm(clipper.EndStep());
    }

    private static double Norm(ClippedSum sum) =>
        Math.Sqrt(sum.Parameters.Sum(parameter => parameter.Gradient!.ToArray<float>().Sum(value => (double)value * value)));
}
