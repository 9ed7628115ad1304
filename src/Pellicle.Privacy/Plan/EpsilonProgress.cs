using Pellicle.Privacy.Accounting;

namespace Pellicle.Privacy.Plan;

/// <summary>Epsilon as a function of the events taken: an upper bound that is cheap enough to show at every step.</summary>
internal sealed class EpsilonProgress
{
    private readonly DpTrainingPlan _plan;
    private readonly long _allowedEvents;
    private readonly RdpAccountant? _rdp;
    private readonly PrivacyAccountant? _tight;
    private readonly SortedDictionary<long, double> _knots = [];
    private readonly Lazy<double> _atEnd;
    private long _knot;
    private double _knotEpsilon;

    public EpsilonProgress(DpTrainingPlan plan, long allowedEvents)
    {
        _plan = plan;
        _allowedEvents = allowedEvents;
        // Epsilon grows with the steps, so its exact bound at the end holds before it, too: a run never shows more than its budget.
        _atEnd = new Lazy<double>(() => plan.Accountant.Epsilon(plan.TotalHistoryAfter(allowedEvents), plan.Options.Delta).Epsilon);
        if (plan.Accountant is PrvAccountant prv)
        {
            _rdp = plan.Options.Sampling == SamplingKind.FixedSize ? null : new RdpAccountant(plan.Accountant.Relation);
            _tight = prv.Coarser();
        }
        else
        {
            _rdp = plan.Accountant as RdpAccountant;
        }
    }

    public double After(long events)
    {
        if (events <= 0 && _plan.Options.Spent.Steps == 0)
        {
            return 0;
        }

        double rdp = _rdp?.Epsilon(_plan.TotalHistoryAfter(events), _plan.Options.Delta).Epsilon ?? double.PositiveInfinity;
        if (_tight is null)
        {
            return rdp;
        }

        double bound = Math.Min(rdp, Tight(events));
        return events <= _allowedEvents ? Math.Min(bound, _atEnd.Value) : bound;
    }

    /// <summary>The bound at the next knot; knots grow by a fifth, so a run of 10,000 steps has about forty.</summary>
    private double Tight(long events)
    {
        if (events > _knot || _knot == 0)
        {
            _knot = Math.Min(_plan.EventCount, Math.Max(events, (long)Math.Ceiling(events * 1.2)));
            if (!_knots.TryGetValue(_knot, out _knotEpsilon))
            {
                _knotEpsilon = _tight!.Epsilon(_plan.TotalHistoryAfter(_knot), _plan.Options.Delta).Epsilon;
                _knots[_knot] = _knotEpsilon;
            }

            return _knotEpsilon;
        }

        // An earlier step than the current knot: any knot at or above it is a bound.
        foreach ((long knot, double epsilon) in _knots)
        {
            if (knot >= events)
            {
                return epsilon;
            }
        }

        return _knotEpsilon;
    }
}
