using Pellicle.Core.Random;
using Pellicle.Training.Metrics;

namespace Pellicle.Viewmaker.Evaluation;

/// <summary>Resamples patients with all their pictures; any figure of the pictures gets an interval.</summary>
/// <param name="units">Patient of each picture.</param>
/// <param name="replicates">At least 0.</param>
/// <param name="seed">The same seed resamples the same patients, so that differences are paired.</param>
internal sealed class PatientBootstrap(IReadOnlyList<string> units, int replicates, ulong seed)
{
    private const int FewestReplicates = 20;
    private readonly UnitResampling _resampling = new(units);

    /// <summary>95 % percentile interval of a figure.</summary>
    /// <param name="figure">From multiplicities of the pictures; null if it does not exist for them.</param>
    /// <returns>Null with fewer than 20 usable replicates.</returns>
    public Interval? Interval(Func<int[], double?> figure)
    {
        ISeededRandom random = new SeededRandom(seed).Derive("patients");
        var values = new List<double>(replicates);
        var weights = new int[units.Count];
        for (int r = 0; r < replicates; r++)
        {
            _resampling.Draw(random, weights);
            if (figure(weights) is { } value)
            {
                values.Add(value);
            }
        }

        return values.Count < FewestReplicates ? null : UnitResampling.Percentiles(values, 0.95);
    }
}
