using Pellicle.Core.Random;

namespace Pellicle.Training.Metrics;

/// <summary>Draws units (patients, or images where patients are not known) with replacement, each with all its images.</summary>
/// <remarks>A whole patient is drawn or left out, because images of one patient resemble each other: resampling images would give intervals that are too short.</remarks>
public sealed class UnitResampling
{
    private readonly int[] _unitOf;
    private readonly int[] _drawn;

    /// <summary>Numbers the units.</summary>
    /// <param name="unitOf">Unit of each of n images.</param>
    public UnitResampling(IEnumerable<string> unitOf)
    {
        ArgumentNullException.ThrowIfNull(unitOf);
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        _unitOf = [.. unitOf.Select(unit => numbers.TryGetValue(unit, out int number) ? number : numbers[unit] = numbers.Count)];
        _drawn = new int[numbers.Count];
    }

    /// <summary>Every image is a unit of its own.</summary>
    /// <param name="images">n.</param>
    public UnitResampling(int images)
    {
        _unitOf = [.. Enumerable.Range(0, images)];
        _drawn = new int[images];
    }

    /// <summary>Number of units.</summary>
    public int Units => _drawn.Length;

    /// <summary>Draws as many units as there are.</summary>
    /// <param name="random">Draws.</param>
    /// <param name="weights">Receives how often each of the n images was drawn.</param>
    public void Draw(ISeededRandom random, Span<int> weights)
    {
        ArgumentNullException.ThrowIfNull(random);
        Array.Clear(_drawn);
        for (int i = 0; i < _drawn.Length; i++)
        {
            _drawn[random.NextInt(_drawn.Length)]++;
        }

        for (int i = 0; i < weights.Length; i++)
        {
            weights[i] = _drawn[_unitOf[i]];
        }
    }

    /// <summary>Percentile interval of bootstrap replicates, interpolated between them.</summary>
    /// <param name="replicates">At least one; sorted here.</param>
    /// <param name="confidence">Such as 0.95.</param>
    public static Interval Percentiles(IEnumerable<double> replicates, double confidence)
    {
        double[] sorted = [.. replicates.Order()];
        return new Interval(Quantile(sorted, (1 - confidence) / 2), Quantile(sorted, (1 + confidence) / 2));
    }

    private static double Quantile(double[] sorted, double probability)
    {
        double position = probability * (sorted.Length - 1);
        int below = (int)position;
        return below + 1 >= sorted.Length ? sorted[^1] : sorted[below] + (position - below) * (sorted[below + 1] - sorted[below]);
    }
}
