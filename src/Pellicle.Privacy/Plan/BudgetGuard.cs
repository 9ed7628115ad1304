using Pellicle.Core.Errors;
using Pellicle.Privacy.Accounting;
using Pellicle.Privacy.Ledger;

namespace Pellicle.Privacy.Plan;

/// <summary>Says before each step whether it fits into the budget, and records it before it is taken.</summary>
/// <remarks>The plan is fixed, so the last step that fits is found once, by the run's own accountant; each question is then a comparison.
/// A step fits if epsilon of what was spent before, of all steps up to it, and of the step itself is at most the budget.</remarks>
public sealed class BudgetGuard
{
    private readonly DpTrainingPlan _plan;
    private readonly EpsilonProgress _progress;

    /// <summary>Finds how much of the plan fits.</summary>
    /// <param name="plan">The run.</param>
    /// <exception cref="PrivacyBudgetExceededException">Not even the first step fits.</exception>
    public BudgetGuard(DpTrainingPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        _plan = plan;
        AllowedEvents = plan.MaxEpsilon is { } max
            ? NoiseCalibration.LargestSteps(plan.Accountant, max, plan.Options.Delta, plan.TotalHistoryAfter, plan.EventCount)
            : plan.EventCount;
        if (AllowedEvents == 0)
        {
            double first = plan.Accountant.Epsilon(plan.TotalHistoryAfter(1), plan.Options.Delta).Epsilon;
            throw new PrivacyBudgetExceededException(
                FormattableString.Invariant($"not even one step fits into the budget: epsilon after it would be {first:0.####} at delta {plan.Options.Delta:R}, the limit is {plan.MaxEpsilon}."),
                "Raise --max-epsilon or --noise-multiplier, or lower --batch.");
        }

        _progress = new EpsilonProgress(plan, AllowedEvents);
    }

    /// <summary>Number of the last event that fits into the budget.</summary>
    public long AllowedEvents { get; }

    /// <summary>Number of the last step that fits: the planned steps, or fewer.</summary>
    public long AllowedSteps => _plan.StepsAfter(AllowedEvents);

    /// <summary>True if the budget ends the run before the plan does.</summary>
    public bool StopsEarly => AllowedEvents < _plan.EventCount;

    /// <summary>Says whether a step may be taken, without recording it.</summary>
    /// <param name="step">1 for the first.</param>
    public bool Allows(long step) => step >= 1 && step <= AllowedSteps;

    /// <summary>Records a step in the ledger if it fits. Call before anything of the step is computed.</summary>
    /// <param name="step">The next step, or one that the ledger has already (a repeated step of a resumed run).</param>
    /// <param name="ledger">Ledger of the run.</param>
    /// <returns>False if the step would exceed the budget or the plan: the training ends.</returns>
    /// <exception cref="EnvironmentException">The ledger cannot be written; the step must not be taken.</exception>
    public bool TryBegin(long step, PrivacyLedger ledger)
    {
        ArgumentNullException.ThrowIfNull(ledger);
        if (!Allows(step))
        {
            return false;
        }

        long number = _plan.EventOf(step);
        if (number > ledger.Steps)
        {
            (MechanismEvent mechanism, long lastEqual) = _plan.EventAt(number);
            // An epoch is long: reserving several ahead would count epochs as spent that an ended run never began.
            ledger.Reserve(number, _plan.StepsPerEvent > 1 ? number : Math.Min(lastEqual, AllowedEvents), mechanism);
        }

        return true;
    }

    /// <summary>An upper bound on epsilon after a step, for progress and metrics: grows from step to step, and is cheap.</summary>
    /// <remarks>The rdp accountant gives its exact value. The prv accountant is asked at a few dozen steps only; between them the value of the
    /// next of those steps holds. The statement of the run is computed exactly at the end.</remarks>
    /// <param name="step">0 … planned steps.</param>
    public double EpsilonAfter(long step) => _progress.After(step <= 0 ? 0 : Math.Min(_plan.EventOf(step), _plan.EventCount));
}
