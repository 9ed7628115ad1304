using Pellicle.Core.Random;
using Pellicle.Nn;
using Pellicle.Nn.Losses;
using Pellicle.Privacy.Clipping;
using Pellicle.Tensors;

namespace Pellicle.Privacy.Tests.Clipping;

/// <summary>Every kind of layer and method against the loop over single units.</summary>
/// <remarks>Tolerance 1e-5 relative to the norm of the whole gradient: products of float32 values with at most a few thousand terms have a
/// typical relative error of √terms · 2⁻²⁴, which is below 1e-5.</remarks>
public sealed class UnitGradientTests
{
    private const double Tolerance = 1e-5;
    private const double NoBound = 1e12;

    public static TheoryData<string, string> KindsAndMethods
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (string kind in ClippingCases.LayerKinds)
            {
                foreach (string method in new[] { "gram", "perSample", "perSampleInParts" })
                {
                    data.Add(kind, method);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(KindsAndMethods))]
    public void Unit_gradients_of_a_layer_equal_the_loop_over_single_units(string kind, string method)
    {
        (Layer model, long[] shape) = ClippingCases.Create(kind);
        using (model)
        {
            Check(model, shape, UnitLayout.OneImageEach(5), Execution(method));
            Check(model, shape, UnitLayout.Regular(2, 3), Execution(method));
            Check(model, shape, UnitLayout.Of([0, 1, 0, 2, 2, 2, 1, 3], 4), Execution(method));
        }
    }

    [Theory]
    [MemberData(nameof(ClippingCases.CatalogModels), MemberType = typeof(ClippingCases))]
    [Trait(Speed.Trait, Speed.Slow)]
    public void Unit_gradients_of_a_catalog_model_equal_the_loop_over_single_units(string name)
    {
        (Layer model, long[] shape) = ClippingCases.Create(name);
        using (model)
        {
            Check(model, shape, UnitLayout.Of([0, 1, 1, 2], 3), new ClippingExecution());
        }
    }

    [Theory]
    [InlineData("vit_small")]
    [InlineData("vit_base")]
    [Trait(Speed.Trait, Speed.Full)]
    public void Unit_gradients_of_the_large_catalog_models_equal_the_loop_over_single_units(string name)
    {
        (Layer model, long[] shape) = ClippingCases.Create(name);
        using (model)
        {
            Check(model, shape, UnitLayout.OneImageEach(2), new ClippingExecution());
        }
    }

    [Fact]
    public void Class_weights_scale_the_unit_gradient()
    {
        (Layer model, long[] shape) = ClippingCases.Create("linear");
        using (model)
        using (var loss = new CrossEntropyLoss(0.5, 2, 1, 3))
        {
            Check(model, shape, UnitLayout.OneImageEach(6), new ClippingExecution(), loss);
        }
    }

    [Fact]
    public void Trap_3_class_token_and_positions_get_their_gradients()
    {
        (Layer model, long[] shape) = ClippingCases.Create("patches");
        using (model)
        using (TensorScope.Open())
        using (var loss = new CrossEntropyLoss())
        using (var clipper = new PerUnitClipper(model, loss, new ClippingOptions()))
        {
            (Tensor images, Tensor labels) = ClippingCases.Batch(3, shape);
            clipper.BeginStep();
            clipper.Add(images, labels, UnitLayout.OneImageEach(3));
            clipper.EndStep();
            foreach (string name in new[] { "cls_token", "pos_embed" })
            {
                Parameter parameter = model.Parameters().Single(p => p.Name == name);
                Assert.Contains(parameter.Gradient!.ToArray<float>(), value => value != 0);
            }
        }
    }

    [Fact]
    public void Ordinary_gradients_come_from_the_same_kernels_with_factor_one()
    {
        (Layer model, long[] shape) = ClippingCases.Create("groupNorm");
        using (model)
        using (TensorScope.Open())
        using (var loss = new CrossEntropyLoss())
        using (var clipper = new PerUnitClipper(model, loss, null))
        {
            (Tensor images, Tensor labels) = ClippingCases.Batch(4, shape);
            UnitLayout units = UnitLayout.OneImageEach(4);
            clipper.BeginStep();
            ClippedBatch batch = clipper.Add(images, labels, units);
            ClippedSum sum = clipper.EndStep();
            var loop = new UnitGradientLoop(model, loss, images, labels, units);
            Assert.InRange(UnitGradientLoop.RelativeError(sum.Parameters, loop.Sum(_ => 1)), 0, Tolerance);
            Assert.Equal(loop.LossSum, batch.LossSum, 1e-5);
            Assert.Equal(double.PositiveInfinity, sum.Sensitivity);
        }
    }

    private static ClippingExecution Execution(string method) => method switch
    {
        "gram" => new ClippingExecution { ForcedMethod = ClippingMethod.Gram },
        "perSample" => new ClippingExecution { ForcedMethod = ClippingMethod.PerSample },
        _ => new ClippingExecution { ForcedMethod = ClippingMethod.PerSample, PerSampleLimitBytes = 1 },
    };

    private static void Check(Layer model, long[] shape, UnitLayout units, ClippingExecution execution, CrossEntropyLoss? weighted = null)
    {
        using TensorScope scope = TensorScope.Open();
        using var plain = new CrossEntropyLoss();
        CrossEntropyLoss loss = weighted ?? plain;
        (Tensor images, Tensor labels) = ClippingCases.Batch(units.Images, shape);
        var loop = new UnitGradientLoop(model, loss, images, labels, units);

        ClippedBatch batch = Step(model, loss, images, labels, units, new ClippingOptions { MaxGradNorm = NoBound }, execution, out ClippedSum sum);
        Assert.InRange(UnitGradientLoop.RelativeError(sum.Parameters, loop.Sum(_ => 1)), 0, Tolerance);
        Assert.Equal(0, batch.Clipped);
        Assert.Equal(loop.LossSum, batch.LossSum, 1e-5 * Math.Max(1, Math.Abs(loop.LossSum)));
        for (int unit = 0; unit < units.Units; unit++)
        {
            // The norm is an upper bound, at most 5.1e-4 too large: half of 1e-3 in the square, and the rounding of the sum.
            Assert.InRange(batch.UnitNorms[unit] / loop.Norm(unit), 1 - Tolerance, 1 + 5.1e-4);
        }

        double bound = Enumerable.Range(0, units.Units).Select(loop.Norm).Order().ElementAt(units.Units / 2);
        batch = Step(model, loss, images, labels, units, new ClippingOptions { MaxGradNorm = bound }, execution, out sum);
        double[][] expected = loop.Sum(unit => Math.Min(1, bound * (1 - (1.0 / 65536)) / batch.UnitNorms[unit]));
        Assert.InRange(UnitGradientLoop.RelativeError(sum.Parameters, expected), 0, Tolerance);
    }

    private static ClippedBatch Step(Layer model, CrossEntropyLoss loss, Tensor images, Tensor labels, UnitLayout units, ClippingOptions options, ClippingExecution execution, out ClippedSum sum)
    {
        using var clipper = new PerUnitClipper(model, loss, options, execution);
        clipper.BeginStep();
        ClippedBatch batch = clipper.Add(images, labels, units, new SeededRandom(1));
        sum = clipper.EndStep();
        return batch;
    }
}
