using Pellicle.Privacy.Clipping;
using Pellicle.Privacy.Noise;

namespace Pellicle.Privacy.Plan;

/// <summary>The bounds of adaptive clipping between two steps: one, or one per layer. Part of a checkpoint; public, as every released value.</summary>
/// <remarks>Andrew, Thakkar, McMahan, Ramaswamy 2021, algorithm 1. All counts of a step are charged by the plan's events.</remarks>
public sealed class AdaptiveBounds
{
    private readonly DpTrainingPlan _plan;
    private readonly AdaptiveClipping _settings;
    private readonly string[] _paths;
    private double[] _values;

    /// <summary>Starts at the bounds of the plan.</summary>
    /// <param name="plan">A plan with adaptive clipping.</param>
    public AdaptiveBounds(DpTrainingPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        _plan = plan;
        _settings = plan.Options.Adaptive ?? throw new ArgumentException("The plan has no adaptive clipping.", nameof(plan));
        ClippingOptions clipping = plan.Options.Clipping;
        _paths = [.. clipping.LayerBounds.Keys.Order(StringComparer.Ordinal)];
        _values = _paths.Length == 0 ? [clipping.MaxGradNorm] : Array.ConvertAll(_paths, path => clipping.LayerBounds[path]);
    }

    /// <summary>C, or C_l in the order of the layer paths.</summary>
    public IReadOnlyList<double> Values => _values;

    /// <summary>The bounds of the coming step.</summary>
    public StepBounds Current => _paths.Length == 0
        ? StepBounds.Whole(_values[0])
        : StepBounds.PerLayer(_paths.Zip(_values).ToDictionary(bound => bound.First, bound => bound.Second));

    /// <summary>Takes over the bounds of a checkpoint.</summary>
    /// <param name="values">As <see cref="Values"/> gave them.</param>
    /// <exception cref="ArgumentException">Another number of bounds, or one that is none.</exception>
    public void Restore(IReadOnlyList<double> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (values.Count != _values.Length || values.Any(value => !(value > 0 && double.IsFinite(value))))
        {
            throw new ArgumentException($"Expected {_values.Length} bounds above 0.", nameof(values));
        }

        _values = [.. values];
    }

    /// <summary>Noises the counts of a step, and moves the bounds by the result.</summary>
    /// <param name="counts">Σ(b_u − ½) for each bound, as the clipper gives them.</param>
    /// <param name="key">Secret of the run.</param>
    /// <param name="step">1 for the first; each once.</param>
    public void Move(IReadOnlyList<double> counts, RunKey key, long step)
    {
        ArgumentNullException.ThrowIfNull(counts);
        ArgumentNullException.ThrowIfNull(key);
        if (counts.Count != _values.Length)
        {
            throw new ArgumentException($"{counts.Count} counts for {_values.Length} bounds.", nameof(counts));
        }

        IReadOnlyList<double> noised = CountNoise.Add(counts, _settings.CountNoise!.Value, key, step);
        for (int i = 0; i < _values.Length; i++)
        {
            _values[i] = _settings.Next(_values[i], noised[i], _plan.AveragingDivisor);
        }
    }
}
