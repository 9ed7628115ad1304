using Pellicle.Core.Errors;
using Pellicle.Privacy.Clipping;
using Pellicle.Privacy.Sampling;

namespace Pellicle.Training.Steps;

/// <summary>What happens to gradients between the network and the optimiser, and which images a step sees: the part of a run that decides about privacy.</summary>
internal abstract class GradientMechanism : IDisposable
{
    /// <summary>True if the run has a guarantee to keep.</summary>
    public abstract bool IsPrivate { get; }

    /// <summary>What bounds a unit's contribution; null for ordinary gradients.</summary>
    public abstract ClippingOptions? Clipping { get; }

    /// <summary>Bounds of the coming step; null for ordinary gradients.</summary>
    /// <param name="step">1 for the first; the step after the last that was noised.</param>
    public abstract StepBounds? BoundsOf(long step);

    /// <summary>Bounds that adaptive clipping has moved so far, for the checkpoint; null in other modes.</summary>
    public virtual IReadOnlyList<double>? AdaptiveBounds => null;

    /// <summary>Takes over the bounds of a checkpoint.</summary>
    /// <param name="bounds">As <see cref="AdaptiveBounds"/> gave them.</param>
    /// <exception cref="DataFormatException">They are not those of this mechanism.</exception>
    public virtual void Restore(IReadOnlyList<double>? bounds)
    {
        if (bounds is not null)
        {
            throw new DataFormatException("the checkpoint holds adaptive clipping bounds, unlike the options of this run.", "Resume with the --clipping the run was started with.");
        }
    }

    /// <summary>Steps of the plan.</summary>
    public abstract long PlannedSteps { get; }

    /// <summary>Steps that may be taken: the plan, or less if the budget ends before.</summary>
    public abstract long AllowedSteps { get; }

    /// <summary>Draws the images of a step: the same ones every time it is asked for that step.</summary>
    /// <param name="step">1 for the first.</param>
    public abstract SampledBatch Sample(long step);

    /// <summary>Records that a step will be taken; nothing of it may be used before this returns.</summary>
    /// <param name="step">1 for the first.</param>
    public abstract void Record(long step);

    /// <summary>Turns the sum of gradients into what the optimiser gets.</summary>
    /// <param name="sum">Sum over the units drawn; in the parameters' gradients.</param>
    /// <param name="step">1 for the first.</param>
    /// <param name="units">Units drawn: private, and used by ordinary training only.</param>
    public abstract void NoiseAndAverage(ClippedSum sum, long step, int units);

    /// <summary>Budget spent after a step; nulls without privacy.</summary>
    /// <param name="step">Steps taken.</param>
    public abstract (double? Epsilon, double? Delta) Spent(long step);

    /// <summary>The state after a step is on the disk.</summary>
    /// <param name="step">Steps taken.</param>
    public abstract void CheckpointWritten(long step);

    /// <inheritdoc/>
    public virtual void Dispose()
    {
    }
}
