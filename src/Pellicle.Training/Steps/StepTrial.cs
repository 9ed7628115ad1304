using Pellicle.Nn;
using Pellicle.Nn.Losses;
using Pellicle.Privacy.Clipping;
using Pellicle.Tensors;

namespace Pellicle.Training.Steps;

/// <summary>Estimates the time of a run by one physical batch of zeros; reads no data.</summary>
/// <param name="SecondsPerStep">Time of every step.</param>
/// <param name="SecondsOnce">Time that is spent once: features of a frozen part that are kept.</param>
internal readonly record struct StepTrial(double SecondsPerStep, double SecondsOnce)
{
    public static StepTrial Of(TrainSetup setup, TimeProvider clock)
    {
        double views = (double)setup.ExpectedImages * setup.Config.Train.AugmentMultiplicity;
        double perStep = SecondsPerPhysicalBatch(setup, clock, out int images) * Math.Ceiling(views / images);
        if (setup.Features is not { } features)
        {
            return new StepTrial(perStep, 0);
        }

        long start = clock.GetTimestamp();
        int computed = features.ComputeZeros();
        double perImage = clock.GetElapsedTime(start).TotalSeconds / computed;
        return features.IsCached ? new StepTrial(perStep, perImage * setup.Data.TrainingImages) : new StepTrial(perStep + (perImage * views), 0);
    }

    private static double SecondsPerPhysicalBatch(TrainSetup setup, TimeProvider clock, out int images)
    {
        images = (int)Math.Min(setup.PhysicalBatch, setup.ExpectedImages * setup.Config.Train.AugmentMultiplicity);
        Layer trained = setup.Features?.Classifier ?? setup.Model.Root;
        IReadOnlyList<long> shape = setup.Features?.Shape ?? setup.Model.Spec.InputShape;
        using var loss = new CrossEntropyLoss([.. setup.Config.Train.ClassWeights]);
        using var clipper = new PerUnitClipper(trained, loss, setup.Plan?.Options.Clipping, precision: setup.Config.Train.Precision);
        double best = double.PositiveInfinity;
        for (int trial = 0; trial < 2; trial++)
        {
            using TensorScope scope = TensorScope.Open();
            long start = clock.GetTimestamp();
            clipper.BeginStep();
            clipper.Add(Tensor.Zeros([images, .. shape]), Tensor.Zeros(DType.Int64, images), UnitLayout.Regular(images, 1));
            clipper.EndStep();
            best = Math.Min(best, clock.GetElapsedTime(start).TotalSeconds);
        }

        return best;
    }
}
