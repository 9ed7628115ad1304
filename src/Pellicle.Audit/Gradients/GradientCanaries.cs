using Pellicle.Audit.Canaries;
using Pellicle.Audit.Statistics;
using Pellicle.Core.Random;
using Pellicle.Nn;
using Pellicle.Privacy.Accounting;
using Pellicle.Privacy.Clipping;
using Pellicle.Privacy.Plan;
using Pellicle.Tensors;
using Pellicle.Training.Probes;

namespace Pellicle.Audit.Gradients;

/// <summary>m gradients, each along a direction of its own and longer than the bound, put in or left out by fair coins; the noised sums are projected back on the directions.</summary>
/// <remarks>White-box canaries of Nasr et al. 2023 ("Tight auditing") in one run (Steinke, Nasr, Jagielski 2023). A direction is one coordinate, or one of each layer where
/// layers are clipped apart, because only then does a contribution reach the whole bound. No two share a coordinate as long as the layer has enough; where it has not,
/// signs that change from step to step keep the others' contributions from adding up.</remarks>
public sealed class GradientCanaries : IPlantedGradients, IDisposable
{
    // Far above every bound that clipping can have, and its square is within float32.
    private const float Length = 1e6f;

    private readonly GradientProbe _probe;
    private readonly (int Parameter, int Offset)[][] _coordinates;
    private readonly Tensor[] _buffers;
    private readonly List<(int Parameter, int Offset)> _set = [];
    private readonly bool[] _isIncluded;
    private readonly double[] _scores;
    private readonly ulong _signSeed;

    /// <summary>Chooses directions and tosses the coins.</summary>
    /// <param name="probe">The mechanism they will be planted into.</param>
    /// <param name="count">m, 1 … n of the probe; without per-layer clipping at most the number of trainable parameters.</param>
    /// <param name="content">Chooses directions.</param>
    /// <param name="coins">Tosses the coins.</param>
    public GradientCanaries(GradientProbe probe, int count, ISeededRandom content, ISecureRandom coins)
    {
        ArgumentNullException.ThrowIfNull(probe);
        ArgumentNullException.ThrowIfNull(content);
        ArgumentNullException.ThrowIfNull(coins);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, probe.Units);
        _probe = probe;
        IReadOnlyList<Parameter> parameters = probe.Model.TrainableParameters();
        bool perLayer = probe.Plan?.Options.Clipping is { } clipping && (clipping.Mode == ClippingMode.PerLayer || clipping.LayerBounds.Count > 0);
        (int, int)[][] groups = perLayer
            ? [.. probe.Model.Tree().Where(layer => layer.IsTrainable).Select(layer => Coordinates(parameters, parameter => layer.OwnParameters.Contains(parameter)))]
            : [Coordinates(parameters, _ => true)];
        if (!perLayer)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(count, groups[0].Length);
        }

        foreach ((int, int)[] group in groups)
        {
            content.Shuffle<(int, int)>(group);
        }

        _coordinates = [.. Enumerable.Range(0, count).Select(i => groups.Select(group => group[i % group.Length]).ToArray())];
        _signSeed = content.NextUInt64();
        _isIncluded = FairCoins.Toss(count, coins);
        _scores = new double[count];
        _buffers = [.. parameters.Select(parameter => Tensor.Zeros([.. parameter.Shape]).Detached())];
    }

    /// <inheritdoc/>
    public int Count => _isIncluded.Length;

    /// <summary>What the coins said [m].</summary>
    public IReadOnlyList<bool> IsIncluded => _isIncluded;

    /// <summary>Sum of the evidence over all steps seen [m]; higher means "in".</summary>
    public IReadOnlyList<double> Scores => _scores;

    /// <summary>What single steps showed.</summary>
    public StepMeasurement Steps { get; } = new();

    /// <summary>The scores, apart by coin.</summary>
    public MembershipScores Membership => new([.. _scores.Where((_, i) => _isIncluded[i])], [.. _scores.Where((_, i) => !_isIncluded[i])]);

    /// <inheritdoc/>
    public IReadOnlyList<Tensor?>? GradientOf(long stepNumber, int unit)
    {
        // Replace-one neighbours differ in what stands in the place, the others in whether anything does.
        if (!_isIncluded[unit] && _probe.Sampling != SamplingKind.FixedSize)
        {
            return null;
        }

        foreach ((int parameter, int offset) in _set)
        {
            _buffers[parameter].Data<float>()[offset] = 0;
        }

        _set.Clear();
        var gradient = new Tensor?[_buffers.Length];
        float length = _isIncluded[unit] ? Length : -Length;
        for (int g = 0; g < _coordinates[unit].Length; g++)
        {
            (int parameter, int offset) = _coordinates[unit][g];
            _buffers[parameter].Data<float>()[offset] = length * Sign(stepNumber, unit, g);
            _set.Add((parameter, offset));
            gradient[parameter] = _buffers[parameter];
        }

        return gradient;
    }

    /// <inheritdoc/>
    public void Observe(long stepNumber, IReadOnlyList<int> drawn, StepNoise constants, IReadOnlyList<Parameter> parameters)
    {
        ArgumentNullException.ThrowIfNull(drawn);
        ArgumentNullException.ThrowIfNull(parameters);
        HashSet<int> isDrawn = [.. drawn];
        float[][] released = [.. parameters.Select(parameter => parameter.Gradient!.ToArray<float>())];
        double rate = _probe.Plan?.SampleRate ?? 1;
        for (int i = 0; i < Count; i++)
        {
            double sum = 0;
            for (int g = 0; g < _coordinates[i].Length; g++)
            {
                (int parameter, int offset) = _coordinates[i][g];
                sum += Sign(stepNumber, i, g) * released[parameter][offset];
            }

            // A clipped gradient has C/√G in each of the G layers, so its own part of the sum of projections is √G·C; ordinary training does not clip.
            double unit = (_probe.Plan is null ? Length : constants.MaxGradNorm) * Math.Sqrt(_coordinates[i].Length);
            double projection = sum * constants.Divisor / unit;
            double noise = constants.StandardDeviation / constants.MaxGradNorm;
            _scores[i] += StepEvidence.Of(_probe.Sampling, rate, projection, noise, isDrawn.Contains(i));
            if (noise > 0)
            {
                Steps.Add(projection, noise, _isIncluded[i], isDrawn.Contains(i));
            }
        }
    }

    /// <summary>Frees the buffers.</summary>
    public void Dispose() => Array.ForEach(_buffers, buffer => buffer.Dispose());

    private static (int, int)[] Coordinates(IReadOnlyList<Parameter> parameters, Func<Parameter, bool> belongs) =>
        [.. Enumerable.Range(0, parameters.Count).Where(p => belongs(parameters[p])).SelectMany(p => Enumerable.Range(0, checked((int)parameters[p].Count)).Select(offset => (p, offset)))];

    // Steele, Lea, Flood 2014 (SplitMix64): one mixed bit per step, canary and layer; needs no state, so order does not matter.
    private int Sign(long step, int unit, int group)
    {
        ulong z = _signSeed + ((ulong)step * 0x9E3779B97F4A7C15UL) + ((ulong)unit * 0xD1B54A32D192ED03UL) + ((ulong)group * 0x8CB92BA72F3D8DD7UL);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return ((z ^ (z >> 31)) & 1) == 0 ? 1 : -1;
    }
}
