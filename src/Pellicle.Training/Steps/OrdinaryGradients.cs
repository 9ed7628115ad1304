using Pellicle.Nn;
using Pellicle.Privacy.Clipping;
using Pellicle.Privacy.Sampling;
using Pellicle.Tensors;

namespace Pellicle.Training.Steps;

/// <summary>Ordinary training: permuted epochs or balanced draws, the mean over the drawn images, no bound, no noise, no guarantee.</summary>
internal sealed class OrdinaryGradients(Func<long, SampledBatch> sample, long steps) : GradientMechanism
{
    public override bool IsPrivate => false;

    public override ClippingOptions? Clipping => null;

    public override StepBounds? BoundsOf(long step) => null;

    public override long PlannedSteps => steps;

    public override long AllowedSteps => steps;

    public override SampledBatch Sample(long step) => sample(step);

    public override void Record(long step)
    {
        // No guarantee, so nothing to account for.
    }

    public override void NoiseAndAverage(ClippedSum sum, long step, int units)
    {
        using GradientMode off = GradientMode.Off();
        foreach (Parameter parameter in sum.Parameters)
        {
            AtenOperators.MultiplyScalarInPlace.Apply(parameter.Gradient!, 1.0 / units);
        }
    }

    public override (double? Epsilon, double? Delta) Spent(long step) => (null, null);

    public override void CheckpointWritten(long step)
    {
        // Everything random follows from the seed.
    }
}
