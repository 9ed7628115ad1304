using System.Collections.Immutable;

namespace Pellicle.Privacy.Accounting;

/// <summary>What happened to the data, in order: an immutable list of phases.</summary>
/// <remarks>Neighbouring equal phases are merged, empty ones dropped. For non-adaptive parameters the order does not change the guarantee.</remarks>
public sealed class PrivacyHistory : IEquatable<PrivacyHistory>
{
    private readonly ImmutableArray<PrivacyPhase> _phases;

    private PrivacyHistory(ImmutableArray<PrivacyPhase> phases) => _phases = phases;

    /// <summary>Nothing happened yet: epsilon 0.</summary>
    public static PrivacyHistory Empty { get; } = new([]);

    /// <summary>The phases in order.</summary>
    public IReadOnlyList<PrivacyPhase> Phases => _phases;

    /// <summary>Number of events in all phases.</summary>
    public long Steps => _phases.Sum(p => p.Steps);

    /// <summary>Makes a history of one phase.</summary>
    /// <param name="mechanism">The event.</param>
    /// <param name="steps">At least 0.</param>
    public static PrivacyHistory Of(MechanismEvent mechanism, long steps) => Empty.Append(mechanism, steps);

    /// <summary>Makes a history of phases.</summary>
    /// <param name="phases">In order.</param>
    public static PrivacyHistory Of(IEnumerable<PrivacyPhase> phases)
    {
        ArgumentNullException.ThrowIfNull(phases);
        var merged = new List<PrivacyPhase>();
        foreach (PrivacyPhase phase in phases)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(phase.Steps, nameof(phases));
            if (phase.Steps == 0)
            {
                continue;
            }

            if (merged.Count > 0 && merged[^1].Event == phase.Event)
            {
                merged[^1] = new PrivacyPhase(phase.Event, checked(merged[^1].Steps + phase.Steps));
            }
            else
            {
                merged.Add(phase);
            }
        }

        return merged.Count == 0 ? Empty : new PrivacyHistory([.. merged]);
    }

    /// <summary>Adds events at the end.</summary>
    /// <param name="mechanism">The event.</param>
    /// <param name="steps">At least 0.</param>
    public PrivacyHistory Append(MechanismEvent mechanism, long steps = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(steps);
        if (steps == 0)
        {
            return this;
        }

        if (_phases.Length > 0 && _phases[^1].Event == mechanism)
        {
            return new PrivacyHistory(_phases.SetItem(_phases.Length - 1, new PrivacyPhase(mechanism, checked(_phases[^1].Steps + steps))));
        }

        return new PrivacyHistory(_phases.Add(new PrivacyPhase(mechanism, steps)));
    }

    /// <summary>Puts another history after this one.</summary>
    /// <param name="later">May be empty.</param>
    public PrivacyHistory Append(PrivacyHistory later)
    {
        ArgumentNullException.ThrowIfNull(later);
        return Of(_phases.Concat(later._phases));
    }

    /// <summary>Adds up the steps of equal events, wherever they stand; order of first appearance.</summary>
    public IReadOnlyList<PrivacyPhase> DistinctPhases()
    {
        var steps = new Dictionary<MechanismEvent, long>();
        var order = new List<MechanismEvent>();
        foreach (PrivacyPhase phase in _phases)
        {
            if (!steps.TryGetValue(phase.Event, out long count))
            {
                order.Add(phase.Event);
            }

            steps[phase.Event] = checked(count + phase.Steps);
        }

        return [.. order.Select(e => new PrivacyPhase(e, steps[e]))];
    }

    /// <inheritdoc/>
    public bool Equals(PrivacyHistory? other) => other is not null && _phases.AsSpan().SequenceEqual(other._phases.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as PrivacyHistory);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (PrivacyPhase phase in _phases)
        {
            hash.Add(phase);
        }

        return hash.ToHashCode();
    }
}
