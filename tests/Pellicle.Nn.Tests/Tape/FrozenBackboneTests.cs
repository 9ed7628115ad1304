using Pellicle.Core.Random;
using Pellicle.Native;
using Pellicle.Tensors;

namespace Pellicle.Nn.Tests.Tape;

// The count of live tensors is that of the process: nothing else may run meanwhile.
[CollectionDefinition(nameof(FrozenBackboneTests), DisableParallelization = true)]
[Collection(nameof(FrozenBackboneTests))]
public sealed class FrozenBackboneTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(6)]
    public void Trap_19_a_frozen_backbone_stores_no_activations(int depth)
    {
        using TensorScope scope = TensorScope.Open();
        using Layer model = Transformer(depth);
        model.Freeze(string.Empty);
        foreach (Parameter parameter in model.ParametersAt("head"))
        {
            parameter.IsTrainable = true;
        }

        using var tape = new GradientTape();
        using GradientMode recording = GradientMode.Recording();
        Tensor images = Tensor.Zeros(2, 3, 16, 16);
        long before = NativeRuntime.LiveTensors;
        Tensor logits = model.Forward(images, ForwardContext.Training(tape));

        // The logits and the input of the head, whatever the depth.
        Assert.InRange(NativeRuntime.LiveTensors - before, 1, 3);
        Assert.Equal("head", Assert.Single(tape.Records).Layer.Path);
        tape.Differentiate(logits.Sum());
        Assert.NotNull(tape.Records[0].OutputGradient);
    }

    [Fact]
    public void Trap_19_nothing_below_the_first_trained_layer_is_differentiated()
    {
        using TensorScope scope = TensorScope.Open();
        using Layer model = Transformer(3);
        foreach (string path in new[] { "cls_token", "pos_embed", "patch_embed", "blocks.0", "blocks.1" })
        {
            model.Freeze(path);
        }

        using var tape = new GradientTape();
        using GradientMode recording = GradientMode.Recording();
        Tensor logits = model.Forward(Tensor.Zeros(2, 3, 16, 16), ForwardContext.Training(tape));
        Assert.Equal("blocks.2.norm1", tape.Records[0].Layer.Path);
        tape.Differentiate(logits.Sum());
        Assert.All(tape.Records, record => Assert.NotNull(record.OutputGradient));
    }

    private static VisionTransformer Transformer(int depth) => new(new VisionTransformerOptions(16, 4, 3, 5, 16, depth, 2), new SeededRandom(1));
}
