using MathNet.Numerics.Distributions;
using Pellicle.Privacy.Accounting;
using Pellicle.Privacy.Plan;
using Pellicle.Training.Metrics;

namespace Pellicle.Audit.Gradients;

/// <summary>Measures the mechanism step by step: how far a planted gradient moves the released sum, how much noise the sum carries, how often units are drawn.</summary>
/// <remarks>Then the accountant composes what was measured instead of what was planned, and its lower value is taken. So this bound checks clipping, noise, divisor and sampler
/// against the plan, and trusts the accountant's composition; <see cref="Statistics.GaussianShiftBound"/> of whole runs trusts neither. As Nasr et al. 2023, section 4.2,
/// convert rates by the trade-off curve of the very mechanism.</remarks>
public sealed class StepMeasurement
{
    // Below this the accountant's mesh would be of no use; the bound over whole runs tells such a mechanism from noise as well.
    private const double LeastNoise = 0.1;

    private Moments _drawn;
    private Moments _absent;
    private long _chances;

    /// <summary>Adds one projection.</summary>
    /// <param name="projection">Of the noised sum on a planted direction, in units of C.</param>
    /// <param name="plannedNoise">σ of the step in units of C, above 0.</param>
    /// <param name="isIncluded">The coin put the gradient in.</param>
    /// <param name="isDrawn">The step drew the unit.</param>
    public void Add(double projection, double plannedNoise, bool isIncluded, bool isDrawn)
    {
        _chances += isIncluded ? 1 : 0;
        if (isIncluded && isDrawn)
        {
            _drawn.Add(projection, plannedNoise);
        }
        else
        {
            _absent.Add(projection, plannedNoise);
        }
    }

    /// <summary>Estimate of the noise over the shift, as a multiple of the planned noise multiplier; null without enough projections.</summary>
    public double? NoiseRatio => _drawn.Count < 20 || _absent.Count < 20 ? null : _absent.RelativeNoise / Math.Max(1e-9, _drawn.Mean - _absent.Mean);

    /// <summary>Epsilon of the plan with measured noise and rate, lower value.</summary>
    /// <param name="plan">The plan; not with fixed-size samples, whose accountant has no lower value.</param>
    /// <param name="delta">In (0, 1).</param>
    /// <param name="confidence">In (0, 1).</param>
    /// <returns>0 if nothing can be said.</returns>
    public double EpsilonLowerBound(DpTrainingPlan plan, double delta, double confidence)
    {
        ArgumentNullException.ThrowIfNull(plan);
        SamplingKind sampling = plan.Options.Sampling;
        if (NoiseRatio is null || sampling == SamplingKind.FixedSize)
        {
            return 0;
        }

        // Three measured numbers, a third of the error probability each.
        double third = 1 - (1 - confidence) / 3;
        double z = Normal.InvCDF(0, 1, third);
        double shift = _drawn.Mean - _absent.Mean - z * Math.Sqrt(_drawn.Variance / _drawn.Count + _absent.Variance / _absent.Count);
        double noise = _absent.RelativeNoise * (1 + z / Math.Sqrt(2.0 * _absent.Count));
        if (shift <= 0)
        {
            return 0;
        }

        double? rate = sampling == SamplingKind.Poisson && plan.SampleRate < 1
            ? ClopperPearson.LowerBound((int)Math.Min(_drawn.Count, int.MaxValue), (int)Math.Min(_chances, int.MaxValue), third)
            : null;
        PrivacyPhase[] phases = [.. plan.History.Phases.Select(phase => phase with
        {
            Event = new MechanismEvent(sampling, rate ?? phase.Event.SampleRate, phase.Event.NoiseMultiplier * noise / shift),
        })];
        return phases.Any(phase => phase.Event.NoiseMultiplier < LeastNoise) || rate == 0
            ? 0
            : new PrvAccountant(AccountantFactory.RelationOf(sampling)).Epsilon(PrivacyHistory.Of(phases), delta).Lower ?? 0;
    }

    private struct Moments
    {
        private double _sum;
        private double _squares;
        private double _relativeSum;
        private double _relativeSquares;

        public long Count { get; private set; }

        public readonly double Mean => _sum / Count;

        public readonly double Variance => Math.Max(0, _squares / Count - Mean * Mean);

        /// <summary>Standard deviation over the planned one.</summary>
        public readonly double RelativeNoise => Math.Sqrt(Math.Max(0, _relativeSquares / Count - _relativeSum / Count * (_relativeSum / Count)));

        public void Add(double value, double plannedNoise)
        {
            Count++;
            _sum += value;
            _squares += value * value;
            _relativeSum += value / plannedNoise;
            _relativeSquares += value / plannedNoise * (value / plannedNoise);
        }
    }
}
