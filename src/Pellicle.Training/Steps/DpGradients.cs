using Pellicle.Core.Errors;
using Pellicle.Privacy.Clipping;
using Pellicle.Privacy.Ledger;
using Pellicle.Privacy.Noise;
using Pellicle.Privacy.Plan;
using Pellicle.Privacy.Sampling;

namespace Pellicle.Training.Steps;

/// <summary>The mechanism of DP-SGD: samples as planned, ledger before use, Gaussian noise on the clipped sum, division by the public batch size.</summary>
/// <remarks>Sampler, clipping bound, noise and divisor all come from one <see cref="DpTrainingPlan"/>; here they only meet.</remarks>
internal sealed class DpGradients : GradientMechanism
{
    private readonly DpTrainingPlan _plan;
    private readonly BudgetGuard _guard;
    private readonly PrivacyLedger _ledger;
    private readonly RunKey _key;
    private readonly BatchSampler _sampler;
    private readonly AdaptiveBounds? _adaptive;

    public DpGradients(DpTrainingPlan plan, BudgetGuard guard, PrivacyLedger ledger, RunKey key, PrivacyUnits units)
    {
        _plan = plan;
        _guard = guard;
        _ledger = ledger;
        _key = key;
        _sampler = plan.CreateSampler(units, key);
        _adaptive = plan.Options.Adaptive is null ? null : new AdaptiveBounds(plan);
    }

    public override bool IsPrivate => true;

    public override ClippingOptions? Clipping => _plan.Options.Clipping;

    public override IReadOnlyList<double>? AdaptiveBounds => _adaptive?.Values;

    public override StepBounds? BoundsOf(long step) => _adaptive?.Current ?? _plan.BoundsAt(step);

    public override void Restore(IReadOnlyList<double>? bounds)
    {
        if (_adaptive is null)
        {
            base.Restore(bounds);
            return;
        }

        if (bounds is null || bounds.Count != _adaptive.Values.Count)
        {
            throw new DataFormatException($"the checkpoint holds {bounds?.Count ?? 0} adaptive clipping bounds; this run has {_adaptive.Values.Count}.", "Resume with the options the run was started with.");
        }

        _adaptive.Restore(bounds);
    }

    public override long PlannedSteps => _plan.Steps;

    public override long AllowedSteps => _guard.AllowedSteps;

    public override SampledBatch Sample(long step) => _sampler.Sample(step);

    public override void Record(long step)
    {
        if (!_guard.TryBegin(step, _ledger))
        {
            throw new InvalidOperationException($"step {step} does not fit into the budget or the plan of {AllowedSteps} steps");
        }
    }

    public override void NoiseAndAverage(ClippedSum sum, long step, int units)
    {
        // The number of drawn units is private: it is not used.
        StepNoise constants = _plan.NoiseAt(step, _adaptive?.Current.Sensitivity);
        if (sum.Sensitivity > constants.MaxGradNorm)
        {
            throw new InvalidOperationException($"the sum has sensitivity {sum.Sensitivity}, the noise is made for {constants.MaxGradNorm}");
        }

        Span<byte> key = stackalloc byte[32];
        _key.KeyFor(KeyPurpose.Noise, step, key);
        using var noise = new GaussianNoise(key);
        noise.AddTo([.. sum.Parameters.Select(p => p.Gradient!)], constants.StandardDeviation, constants.Grid, constants.Divisor, (ulong)step);
        key.Clear();
        _adaptive?.Move(sum.Counts, _key, step); // the bounds of the next step
    }

    public override (double? Epsilon, double? Delta) Spent(long step) => (_guard.EpsilonAfter(step), _plan.Options.Delta);

    public override void CheckpointWritten(long step) => _key.Advance(step + 1);

    public override void Dispose()
    {
        _ledger.Dispose();
        _key.Dispose();
        base.Dispose();
    }
}
