using Pellicle.Nn;
using Pellicle.Nn.Losses;
using Pellicle.Privacy.Clipping;
using Pellicle.Tensors;

namespace Pellicle.Privacy.Tests.Clipping;

public sealed class StepBoundsTests
{
    [Fact]
    public void Counts_are_those_of_the_measured_norms_whatever_the_physical_batches()
    {
        (Layer model, long[] shape) = ClippingCases.Create("linear");
        using (model)
        using (TensorScope.Open())
        using (var loss = new CrossEntropyLoss())
        using (var clipper = new PerUnitClipper(model, loss, new ClippingOptions { Mode = ClippingMode.Adaptive }))
        {
            (Tensor images, Tensor labels) = ClippingCases.Batch(9, shape);
            clipper.BeginStep();
            double[] norms = clipper.Add(images, labels, UnitLayout.OneImageEach(9)).UnitNorms;
            double bound = norms.Order().ElementAt(3) * (1 + 1e-9);
            foreach (int physical in new[] { 9, 4, 1 })
            {
                clipper.BeginStep(StepBounds.Whole(bound));
                for (int first = 0; first < 9; first += physical)
                {
                    int length = Math.Min(physical, 9 - first);
                    clipper.Add(images.Narrow(0, first, length), labels.Narrow(0, first, length), UnitLayout.OneImageEach(length));
                }

                Assert.Equal([(4 * 0.5) - (5 * 0.5)], clipper.EndStep().Counts);
            }

            clipper.BeginStep(StepBounds.Whole(bound));
            Assert.Equal([0.0], clipper.EndStep().Counts); // an empty batch
        }
    }

    [Fact]
    public void Adaptive_bounds_per_layer_clip_and_count_each_layer_by_itself()
    {
        (Layer model, long[] shape) = ClippingCases.Create("linear");
        var layers = new Dictionary<string, double> { ["3"] = 1e6, ["1"] = 1e-3 };
        using (model)
        using (TensorScope.Open())
        using (var loss = new CrossEntropyLoss())
        using (var clipper = new PerUnitClipper(model, loss, new ClippingOptions { Mode = ClippingMode.Adaptive, LayerBounds = layers }))
        {
            (Tensor images, Tensor labels) = ClippingCases.Batch(1, shape);
            clipper.BeginStep();
            clipper.Add(images, labels, UnitLayout.OneImageEach(1));
            ClippedSum sum = clipper.EndStep();
            Assert.Equal([-0.5, 0.5], sum.Counts); // in the order of the paths: "1" above its bound, "3" within
            double Norm(string layer) => Math.Sqrt(sum.Parameters.Where(p => p.Name.StartsWith(layer, StringComparison.Ordinal)).Sum(p => p.Gradient!.ToArray<float>().Sum(v => (double)v * v)));
            Assert.InRange(Norm("1"), 0.999e-3, 1e-3);
            Assert.InRange(Norm("3"), 1e-2, 1e6);
            Assert.Equal(1e6, sum.Sensitivity, 1e-3);
        }
    }

    [Fact]
    public void A_schedule_scales_every_bound()
    {
        var options = new ClippingOptions { Mode = ClippingMode.PerLayer, LayerBounds = new Dictionary<string, double> { ["a"] = 3, ["b"] = 4 } };
        StepBounds half = StepBounds.Of(options, 0.5);
        Assert.Equal((1.5, 2.0, 2.5), (half.Layers!["a"], half.Layers["b"], half.Sensitivity));
        Assert.Equal(0.1, StepBounds.Of(new ClippingOptions { MaxGradNorm = 0.2 }, 0.5).Sensitivity);
    }

    [Fact]
    public void Bounds_per_layer_are_refused_where_the_mode_has_none()
    {
        (Layer model, _) = ClippingCases.Create("linear");
        using (model)
        using (var loss = new CrossEntropyLoss())
        using (var flat = new PerUnitClipper(model, loss, new ClippingOptions()))
        using (var ordinary = new PerUnitClipper(model, loss, null))
        {
            Assert.Throws<ArgumentException>(() => flat.BeginStep(StepBounds.PerLayer(new Dictionary<string, double> { ["1"] = 1 })));
            Assert.Throws<ArgumentException>(() => ordinary.BeginStep(StepBounds.Whole(1)));
        }
    }
}
