using Pellicle.Core.Errors;

namespace Pellicle.Privacy.Accounting;

/// <summary>Turns a history of events into an epsilon at a delta, for one neighbouring relation.</summary>
/// <remarks>Refuses rather than answers wrongly: an event that the accountant cannot analyse under its relation raises an
/// exception that names the event. Instances may cache; they may be used by one thread at a time.</remarks>
public abstract class PrivacyAccountant
{
    private protected PrivacyAccountant(NeighbouringRelation relation) => Relation = relation;

    /// <summary>The neighbouring relation of every epsilon given.</summary>
    public NeighbouringRelation Relation { get; }

    /// <summary>Short name as in options and JSON: "rdp", "prv", "gdp".</summary>
    public abstract string Name { get; }

    /// <summary>Version of the method; changes when the same history would give another number.</summary>
    public abstract string Version { get; }

    /// <summary>True if the epsilon is an upper bound, so that a training run may rely on it.</summary>
    public virtual bool IsBound => true;

    /// <summary>Says whether an event can be analysed under <see cref="Relation"/>.</summary>
    /// <param name="mechanism">The event.</param>
    public bool Supports(MechanismEvent mechanism) => ReasonToRefuse(mechanism) is null;

    /// <summary>Computes epsilon.</summary>
    /// <param name="history">What happened; empty gives 0.</param>
    /// <param name="delta">In (0, 1).</param>
    /// <returns>Bounds at that delta; positive infinity if an event with units has no noise.</returns>
    /// <exception cref="PrivacyRefusedException">An event is not supported; names it.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Delta is outside (0, 1).</exception>
    public EpsilonResult Epsilon(PrivacyHistory history, double delta) => Curve(history, [delta])[0];

    /// <summary>Computes epsilon at several deltas, sharing the work.</summary>
    /// <param name="history">What happened; empty gives 0.</param>
    /// <param name="deltas">Each in (0, 1).</param>
    /// <returns>One result per delta, in the order given.</returns>
    /// <exception cref="PrivacyRefusedException">An event is not supported; names it.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A delta is outside (0, 1).</exception>
    public IReadOnlyList<EpsilonResult> Curve(PrivacyHistory history, IReadOnlyList<double> deltas)
    {
        ArgumentNullException.ThrowIfNull(history);
        ArgumentNullException.ThrowIfNull(deltas);
        foreach (double delta in deltas)
        {
            if (!(delta > 0 && delta < 1))
            {
                throw new ArgumentOutOfRangeException(nameof(deltas), delta, "Delta must lie between 0 and 1, both excluded.");
            }
        }

        foreach (PrivacyPhase phase in history.Phases)
        {
            ThrowIfRefused(phase.Event);
        }

        List<PrivacyPhase> phases = [.. history.DistinctPhases().Where(p => p.Event.SampleRate > 0)];
        if (phases.Count == 0)
        {
            return [.. deltas.Select(EpsilonResult.Zero)];
        }

        return phases.Exists(p => p.Event.NoiseMultiplier == 0)
            ? [.. deltas.Select(EpsilonResult.Infinite)]
            : CurveCore(phases, deltas);
    }

    /// <summary>Throws if an event cannot be analysed.</summary>
    /// <param name="mechanism">The event.</param>
    /// <exception cref="PrivacyRefusedException">The event is not supported; names it.</exception>
    public void ThrowIfRefused(MechanismEvent mechanism)
    {
        if (ReasonToRefuse(mechanism) is { } reason)
        {
            throw new PrivacyRefusedException(
                $"the {Name} accountant cannot analyse the event '{mechanism}' under the neighbouring relation {Relation}: {reason}.",
                "Use Poisson sampling with add-or-remove-one (the default), fixed-size sampling with replace-one and the rdp accountant, or shuffled epochs with zero-out-one.");
        }
    }

    /// <summary>The computation: at least one phase, every event supported, distinct, with q above 0 and noise above 0.</summary>
    /// <param name="phases">Distinct events with their steps.</param>
    /// <param name="deltas">Each in (0, 1).</param>
    private protected abstract IReadOnlyList<EpsilonResult> CurveCore(IReadOnlyList<PrivacyPhase> phases, IReadOnlyList<double> deltas);

    /// <summary>Why an event cannot be analysed, or null if it can.</summary>
    /// <param name="mechanism">The event.</param>
    private protected virtual string? ReasonToRefuse(MechanismEvent mechanism) => mechanism.Sampling switch
    {
        SamplingKind.Poisson when Relation != NeighbouringRelation.AddOrRemoveOne => "Poisson sampling goes with add-or-remove-one",
        SamplingKind.FixedSize => "fixed-size sampling goes with replace-one and is analysed by the rdp accountant only",
        SamplingKind.Shuffled when Relation != NeighbouringRelation.ZeroOutOne => "shuffled epochs go with zero-out-one",
        SamplingKind.FullBatch when Relation == NeighbouringRelation.ReplaceOne => "full batches go with add-or-remove-one or zero-out-one",
        _ => null,
    };
}
