using Pellicle.Nn.Losses;
using Pellicle.Privacy.Clipping;
using Pellicle.Tensors;

namespace Pellicle.Training.Steps;

/// <summary>Estimates the time of a step by one physical batch of zeros; reads no data.</summary>
internal static class StepTrial
{
    public static double SecondsPerStep(TrainSetup setup, TimeProvider clock)
    {
        int images = (int)Math.Min(setup.PhysicalBatch, setup.ExpectedImages * setup.Config.Train.AugmentMultiplicity);
        using var loss = new CrossEntropyLoss([.. setup.Config.Train.ClassWeights]);
        using var clipper = new PerUnitClipper(setup.Model.Root, loss, setup.Plan?.Options.Clipping, precision: setup.Config.Train.Precision);
        double best = double.PositiveInfinity;
        for (int trial = 0; trial < 2; trial++)
        {
            using TensorScope scope = TensorScope.Open();
            long start = clock.GetTimestamp();
            clipper.BeginStep();
            Tensor zeros = Tensor.Zeros(images, setup.Model.Spec.Channels, setup.Model.Spec.ImageSize, setup.Model.Spec.ImageSize);
            clipper.Add(zeros, Tensor.Zeros(DType.Int64, images), UnitLayout.Regular(images, 1));
            clipper.EndStep();
            best = Math.Min(best, clock.GetElapsedTime(start).TotalSeconds);
        }

        return best * Math.Ceiling((double)setup.ExpectedImages * setup.Config.Train.AugmentMultiplicity / images);
    }
}
