using Pellicle.Native;
using Pellicle.Nn;
using Pellicle.Nn.Losses;
using Pellicle.Nn.Optimizers;
using Pellicle.Privacy.Clipping;
using Pellicle.Tensors;

namespace Pellicle.Privacy.Tests.Clipping;

/// <summary>Counts all tensors of the process, so it runs alone.</summary>
[CollectionDefinition(nameof(LiveTensorTests), DisableParallelization = true)]
[Collection(nameof(LiveTensorTests))]
public sealed class LiveTensorTests
{
    [Fact]
    public void A_step_leaves_the_number_of_live_tensors_unchanged()
    {
        (Layer model, long[] shape) = ClippingCases.Create("patches");
        using (model)
        using (TensorScope.Open())
        using (var loss = new CrossEntropyLoss())
        using (var clipper = new PerUnitClipper(model, loss, new ClippingOptions()))
        using (Optimizer optimizer = Optimizer.Create(new OptimizerOptions { Kind = OptimizerKind.AdamW }))
        {
            (Tensor images, Tensor labels) = ClippingCases.Batch(4, shape);
            long live = 0;
            for (int step = 0; step < 3; step++)
            {
                clipper.BeginStep();
                clipper.Add(images, labels, UnitLayout.OneImageEach(4));
                clipper.Add(images, labels, UnitLayout.Regular(2, 2));
                optimizer.Step(clipper.EndStep().Parameters, 0.01);
                Assert.True(step == 0 || live == NativeRuntime.LiveTensors, $"step {step}: {NativeRuntime.LiveTensors} tensors instead of {live}");
                live = NativeRuntime.LiveTensors;
            }
        }
    }
}
