using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Nn;
using Pellicle.Nn.Losses;
using Pellicle.Privacy.Clipping;
using Pellicle.Tensors;

namespace Pellicle.Privacy.Tests.Clipping;

public sealed class LogicalBatchTests
{
    [Theory]
    [InlineData("dropout")]
    [InlineData("groupNorm")]
    [InlineData("patches")]
    public void Sum_does_not_depend_on_the_physical_batch_size(string name)
    {
        (Layer model, long[] shape) = ClippingCases.Create(name);
        using (model)
        {
            double[][] whole = Sum(model, shape, 12, 12, order: null);
            for (int physical = 1; physical < 12; physical++)
            {
                Assert.InRange(RelativeDifference(whole, Sum(model, shape, 12, physical, order: null)), 0, 1e-6);
            }
        }
    }

    [Fact]
    public void Sum_does_not_depend_on_the_order_of_the_images()
    {
        (Layer model, long[] shape) = ClippingCases.Create("convPadding");
        using (model)
        {
            int[] order = [.. Enumerable.Range(0, 12)];
            new SeededRandom(9).Shuffle<int>(order);
            Assert.InRange(RelativeDifference(Sum(model, shape, 12, 5, null), Sum(model, shape, 12, 5, order)), 0, 1e-6);
        }
    }

    [Fact]
    public void An_empty_logical_batch_has_the_sum_zero()
    {
        (Layer model, _) = ClippingCases.Create("linear");
        using (model)
        using (var loss = new CrossEntropyLoss())
        using (var clipper = new PerUnitClipper(model, loss, new ClippingOptions { MaxGradNorm = 2 }))
        {
            clipper.BeginStep();
            ClippedSum sum = clipper.EndStep();
            Assert.Equal(2, sum.Sensitivity);
            Assert.All(sum.Parameters, parameter => Assert.All(parameter.Gradient!.ToArray<float>(), value => Assert.Equal(0, value)));
        }
    }

    [Fact]
    public void Physical_batches_are_added_without_losing_small_contributions()
    {
        // 1 + 4096 · 2⁻²⁶ in plain float32 stays 1: each addition is below half a unit in the last place.
        using TensorScope scope = TensorScope.Open();
        using Layer model = new Linear(Tensor.Zeros(1, 1), null);
        using var sums = new GradientAccumulator(model.TrainableParameters());
        Parameter weight = model.Parameters()[0];
        sums.Begin();
        sums.Add(weight, Tensor.From<float>([1f], 1));
        for (int i = 0; i < 4096; i++)
        {
            sums.Add(weight, Tensor.From<float>([1f / (1 << 26)], 1));
        }

        sums.End();
        Assert.Equal(1 + (4096.0 / (1 << 26)), weight.Gradient!.Item(), 1e-7);
    }

    [Fact]
    public void Trap_13_the_loss_is_a_sum_so_a_unit_counts_the_same_in_any_batch()
    {
        (Layer model, long[] shape) = ClippingCases.Create("linear");
        using (model)
        using (TensorScope.Open())
        using (var loss = new CrossEntropyLoss())
        using (var clipper = new PerUnitClipper(model, loss, new ClippingOptions { MaxGradNorm = 1e9 }))
        {
            (Tensor images, Tensor labels) = ClippingCases.Batch(8, shape);
            clipper.BeginStep();
            double alone = clipper.Add(images.Narrow(0, 0, 1), labels.Narrow(0, 0, 1), UnitLayout.OneImageEach(1)).UnitNorms[0];
            double among = clipper.Add(images, labels, UnitLayout.OneImageEach(8)).UnitNorms[0];
            Assert.InRange(among / alone, 1 - 1e-6, 1 + 1e-6);
        }
    }

    [Fact]
    public void Trap_14_dropout_masks_are_drawn_per_image()
    {
        using TensorScope scope = TensorScope.Open();
        using Layer dropout = new Dropout(0.5);
        using var tape = new GradientTape();
        Tensor ones = Tensor.From<float>([.. Enumerable.Repeat(1f, 3 * 64)], 3, 64);
        var random = new SeededRandom(4);
        float[] first = dropout.Forward(ones, ForwardContext.Training(tape, random, new ulong[] { 10, 11, 12 })).ToArray<float>();
        float[] alone = dropout.Forward(ones.Narrow(0, 0, 1), ForwardContext.Training(tape, random, new ulong[] { 11 })).ToArray<float>();
        Assert.Equal(first[64..128], alone);
        Assert.NotEqual(first[..64], first[64..128]);
    }

    [Fact]
    public void Adaptive_clipping_takes_the_bound_of_each_step_and_reports_it_as_sensitivity()
    {
        (Layer model, long[] shape) = ClippingCases.Create("linear");
        using (model)
        using (TensorScope.Open())
        using (var loss = new CrossEntropyLoss())
        using (var clipper = new PerUnitClipper(model, loss, new ClippingOptions { Mode = ClippingMode.Adaptive }))
        {
            (Tensor images, Tensor labels) = ClippingCases.Batch(3, shape);
            clipper.BeginStep(StepBounds.Whole(0.125));
            Assert.Equal(3, clipper.Add(images, labels, UnitLayout.OneImageEach(3)).Clipped);
            Assert.Equal(0.125, clipper.EndStep().Sensitivity);
        }
    }

    [Fact]
    public void Per_layer_bounds_combine_to_the_total_sensitivity()
    {
        (Layer model, long[] shape) = ClippingCases.Create("linear");
        var options = new ClippingOptions { Mode = ClippingMode.PerLayer, LayerBounds = new Dictionary<string, double> { ["1"] = 0.003, ["3"] = 0.004 } };
        using (model)
        using (TensorScope.Open())
        using (var loss = new CrossEntropyLoss())
        using (var clipper = new PerUnitClipper(model, loss, options))
        {
            (Tensor images, Tensor labels) = ClippingCases.Batch(1, shape);
            clipper.BeginStep();
            clipper.Add(images, labels, UnitLayout.OneImageEach(1));
            ClippedSum sum = clipper.EndStep();
            Assert.Equal(0.005, sum.Sensitivity, 1e-12);
            double Norm(string layer) => Math.Sqrt(sum.Parameters.Where(p => p.Name.StartsWith(layer, StringComparison.Ordinal)).Sum(p => p.Gradient!.ToArray<float>().Sum(v => (double)v * v)));
            Assert.InRange(Norm("1"), 0.003 * (1 - 1e-3), 0.003);
            Assert.InRange(Norm("3"), 0.004 * (1 - 1e-3), 0.004);
        }

        (Layer second, long[] secondShape) = ClippingCases.Create("linear");
        using (second)
        using (TensorScope.Open())
        using (var loss = new CrossEntropyLoss())
        using (var clipper = new PerUnitClipper(second, loss, options with { LayerBounds = new Dictionary<string, double> { ["1"] = 0.003 } }))
        {
            (Tensor images, Tensor labels) = ClippingCases.Batch(1, secondShape);
            clipper.BeginStep();
            Assert.Throws<UsageException>(() => clipper.Add(images, labels, UnitLayout.OneImageEach(1)));
        }
    }

    private static double[][] Sum(Layer model, long[] shape, int images, int physical, int[]? order)
    {
        using TensorScope scope = TensorScope.Open();
        using var loss = new CrossEntropyLoss();
        (Tensor all, Tensor labels) = ClippingCases.Batch(images, shape);
        long[] rows = [.. (order ?? [.. Enumerable.Range(0, images)]).Select(i => (long)i)];
        using var clipper = new PerUnitClipper(model, loss, new ClippingOptions { MaxGradNorm = 0.5 });
        clipper.BeginStep();
        for (int first = 0; first < images; first += physical)
        {
            long[] part = rows[first..Math.Min(images, first + physical)];
            Tensor index = Tensor.From<long>(part, part.Length);
            ulong[] keys = Array.ConvertAll(part, row => (ulong)row);
            clipper.Add(all.IndexSelect(0, index), labels.IndexSelect(0, index), UnitLayout.OneImageEach(part.Length), new SeededRandom(2), keys);
        }

        return [.. clipper.EndStep().Parameters.Select(parameter => Array.ConvertAll(parameter.Gradient!.ToArray<float>(), value => (double)value))];
    }

    private static double RelativeDifference(double[][] expected, double[][] actual)
    {
        double difference = 0;
        double size = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            for (int k = 0; k < expected[i].Length; k++)
            {
                difference += Math.Pow(expected[i][k] - actual[i][k], 2);
                size += expected[i][k] * expected[i][k];
            }
        }

        return Math.Sqrt(difference / size);
    }
}
