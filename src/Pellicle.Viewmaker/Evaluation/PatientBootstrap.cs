using Pellicle.Core.Random;
using Pellicle.Training.Metrics;

namespace Pellicle.Viewmaker.Evaluation;

/// <summary>Resamples patients with all their pictures; any figure of the pictures gets an interval.</summary>
internal sealed class PatientBootstrap
{
    private readonly int[] _unitOf;
    private readonly int _units;
    private readonly int _replicates;
    private readonly ulong _seed;

    /// <summary>Prepares resampling.</summary>
    /// <param name="units">Patient of each picture.</param>
    /// <param name="replicates">At least 0.</param>
    /// <param name="seed">The same seed resamples the same patients, so that differences are paired.</param>
    public PatientBootstrap(IReadOnlyList<string> units, int replicates, ulong seed)
    {
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        _unitOf = [.. units.Select(unit => numbers.TryGetValue(unit, out int number) ? number : numbers[unit] = numbers.Count)];
        _units = numbers.Count;
        _replicates = replicates;
        _seed = seed;
    }

    /// <summary>95 % percentile interval of a figure.</summary>
    /// <param name="figure">From multiplicities of the pictures; null if it does not exist for them.</param>
    /// <returns>Null with fewer than 20 usable replicates.</returns>
    public Interval? Interval(Func<int[], double?> figure)
    {
        ISeededRandom random = new SeededRandom(_seed).Derive("patients");
        var values = new List<double>(_replicates);
        var drawn = new int[_units];
        var weights = new int[_unitOf.Length];
        for (int r = 0; r < _replicates; r++)
        {
            Array.Clear(drawn);
            for (int i = 0; i < _units; i++)
            {
                drawn[random.NextInt(_units)]++;
            }

            for (int i = 0; i < weights.Length; i++)
            {
                weights[i] = drawn[_unitOf[i]];
            }

            if (figure(weights) is { } value)
            {
                values.Add(value);
            }
        }

        values.Sort();
        return values.Count < 20 ? null : new Interval(values[(int)(0.025 * values.Count)], values[Math.Min(values.Count - 1, (int)(0.975 * values.Count))]);
    }
}
