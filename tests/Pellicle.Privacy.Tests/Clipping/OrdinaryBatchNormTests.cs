using Pellicle.Core.Random;
using Pellicle.Nn;
using Pellicle.Nn.Losses;
using Pellicle.Privacy.Clipping;
using Pellicle.Tensors;

namespace Pellicle.Privacy.Tests.Clipping;

/// <summary>Batch normalisation in ordinary training: the gradient of the whole batch, since images mix.</summary>
public sealed class OrdinaryBatchNormTests
{
    [Fact]
    public void The_gradient_equals_that_of_ordinary_automatic_differentiation_over_the_batch()
    {
        using TensorScope scope = TensorScope.Open();
        using Layer model = Create();
        (Tensor images, Tensor labels) = ClippingCases.Batch(5, [4, 9, 9]);
        using var loss = new CrossEntropyLoss();
        using var clipper = new PerUnitClipper(model, loss, null);
        clipper.BeginStep();
        clipper.Add(images, labels, UnitLayout.OneImageEach(5));
        ClippedSum sum = clipper.EndStep();
        using var recording = GradientMode.Recording();
        using var tape = new GradientTape();
        var pass = new ReferencePass(model, DType.Float64, ForwardContext.Training(tape));
        Tensor logits = model.Reference(images.To(DType.Float64), pass);
        Tensor?[] gradients = Tensor.Gradients(loss.PerImage(logits, labels).Sum(), sum.Parameters.Select(pass.Of).ToArray());
        Assert.InRange(UnitGradientLoop.RelativeError(sum.Parameters, Array.ConvertAll(gradients, gradient => gradient!.ToArray<double>())), 0, 1e-5);
    }

    [Fact]
    public void Running_statistics_follow_training_steps_but_not_plans_and_evaluations()
    {
        using TensorScope scope = TensorScope.Open();
        using Layer model = Create();
        var norm = (BatchNorm2d)model.Children[1];
        float[] before = norm.RunningMean.Value.ToArray<float>();
        (Tensor images, Tensor labels) = ClippingCases.Batch(5, [4, 9, 9]);
        using var loss = new CrossEntropyLoss();
        using var clipper = new PerUnitClipper(model, loss, null);
        clipper.Plan([4, 9, 9], 5);
        model.Forward(images, ForwardContext.Evaluation());
        Assert.Equal(before, norm.RunningMean.Value.ToArray<float>());
        clipper.BeginStep();
        clipper.Add(images, labels, UnitLayout.OneImageEach(5));
        float[] batch = ((Conv2d)model.Children[0]).Forward(images, ForwardContext.Evaluation()).Mean([0, 2, 3]).ToArray<float>();
        float[] after = norm.RunningMean.Value.ToArray<float>();
        for (int c = 0; c < after.Length; c++)
        {
            Assert.Equal((0.9 * before[c]) + (0.1 * batch[c]), after[c], 1e-5);
        }
    }

    private static Sequential Create()
    {
        var random = new SeededRandom(4);
        return new Sequential(new Conv2d(4, 6, new ConvolutionGeometry(3, 3), random), new BatchNorm2d(6), new Tanh(), new GlobalAveragePool(), new Linear(6, ClippingCases.Classes, random));
    }
}
