using Pellicle.Core.Random;
using Pellicle.Nn;
using Pellicle.Nn.Losses;
using Pellicle.Privacy.Clipping;
using Pellicle.Tensors;

namespace Pellicle.Privacy.Tests.Clipping;

public sealed class ClippingPlanTests
{
    [Fact]
    public void Plan_lists_every_layer_with_parameters_and_its_method()
    {
        (Layer model, long[] shape) = ClippingCases.Create("patches");
        using (model)
        using (var loss = new CrossEntropyLoss())
        using (var clipper = new PerUnitClipper(model, loss, new ClippingOptions()))
        {
            model.Freeze("blocks.0");
            IReadOnlyList<LayerPlanRow> plan = clipper.Plan(shape, 8);
            Assert.Equal(new LayerPlanRow("<VisionTransformer>", "VisionTransformer", ClippingMethod.Direct, 10, 8, 8, 88, 88), plan[0]);
            LayerPlanRow patches = plan.Single(row => row.Layer == "patch_embed.proj");
            Assert.Equal((9, 36, 8, 36 * 8 + 8), (patches.Tokens, patches.InputWidth, patches.OutputWidth, patches.Parameters));
            Assert.All(plan.Where(row => row.Layer.StartsWith("blocks.0", StringComparison.Ordinal)), row => Assert.Equal(ClippingMethod.Frozen, row.Method));
            Assert.All(plan.Where(row => row.Method == ClippingMethod.Frozen), row => Assert.Equal(0, row.TrainableParameters));
            Assert.Equal(model.TrainableParameters().Sum(parameter => parameter.Count), plan.Sum(row => row.TrainableParameters));
            Assert.Equal(ClippingMethod.Direct, plan.Single(row => row.Layer == "blocks.1.norm1").Method);
            Assert.Equal(model.Parameters().Sum(parameter => parameter.Count), plan.Sum(row => row.Parameters));
        }
    }

    [Fact]
    public void Trap_4_convolutions_choose_between_gram_and_per_sample_too()
    {
        // Early layers of ResNet-18 at 64 pixels have many positions and few parameters, late ones the reverse.
        var early = new RecordShape(256, 576, 64);
        var late = new RecordShape(4, 4608, 512);
        Assert.Equal(ClippingMethod.PerSample, MethodChoice.For(early, 64, 1, new ClippingExecution()));
        Assert.Equal(ClippingMethod.Gram, MethodChoice.For(late, 64, 1, new ClippingExecution()));
    }

    [Fact]
    public void Gram_is_chosen_for_wide_transformers_and_per_sample_for_narrow_ones()
    {
        Assert.Equal(ClippingMethod.Gram, MethodChoice.For(new RecordShape(197, 768, 3072), 8, 1, new ClippingExecution()));
        Assert.Equal(ClippingMethod.PerSample, MethodChoice.For(new RecordShape(197, 192, 192), 32, 1, new ClippingExecution()));
    }

    [Fact]
    public void Trap_11_an_unused_trainable_layer_has_gradient_zero_and_is_listed()
    {
        using TensorScope scope = TensorScope.Open();
        using var model = new WithUnusedLayer(new SeededRandom(1));
        using var loss = new CrossEntropyLoss();
        using var clipper = new PerUnitClipper(model, loss, new ClippingOptions());
        Assert.True(clipper.Plan([1, 2, 2], 3).Single(row => row.Layer == "unused").IsUnused);
        clipper.BeginStep();
        clipper.Add(Tensor.Zeros(3, 1, 2, 2) + 1.0, Tensor.From<long>([0, 1, 0], 3), UnitLayout.OneImageEach(3));
        ClippedSum sum = clipper.EndStep();
        Assert.All(sum.Parameters.Where(p => p.Name.StartsWith("unused", StringComparison.Ordinal)), p => Assert.All(p.Gradient!.ToArray<float>(), value => Assert.Equal(0, value)));
        Assert.Contains(sum.Parameters.Single(p => p.Name == "used.weight").Gradient!.ToArray<float>(), value => value != 0);
    }

    private sealed class WithUnusedLayer : Layer
    {
        private readonly Linear _used;

        public WithUnusedLayer(SeededRandom random)
        {
            _used = Add("used", new Linear(4, 2, random));
            Add("unused", new Linear(4, 2, random));
        }

        public override Tensor Reference(Tensor input, ReferencePass pass) => _used.Reference(input.Reshape(input.Size(0), -1), pass);

        protected override Tensor Compute(Tensor input, ForwardContext context) => _used.Forward(input.Reshape(input.Size(0), -1), context);
    }
}
