using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Pellicle.Core.Errors;
using Pellicle.Formats.Json;
using Pellicle.Privacy.Accounting;
using Pellicle.Privacy.Clipping;
using Pellicle.Privacy.Noise;
using Pellicle.Privacy.Sampling;

namespace Pellicle.Privacy.Plan;

/// <summary>One private training run, fixed before it starts: sampler, clipping bound, noise, divisor and accounting events all come from here.</summary>
/// <remarks>The only way to make one is <see cref="Create"/>, which derives every part from the same options, so that they cannot disagree.
/// Steps are counted from 1. Events are what the ledger records: one per step, or one per epoch for shuffled batches.</remarks>
public sealed class DpTrainingPlan
{
    private readonly IReadOnlyList<PrivacyPhase> _phases;

    private DpTrainingPlan(DpOptions options, ExecutionOptions execution, long parameters, PrivacyAccountant accountant, double noiseMultiplier)
    {
        Options = options;
        Execution = execution;
        Parameters = parameters;
        Accountant = accountant;
        NoiseMultiplier = noiseMultiplier;
        Steps = StepsOf(options);
        StepsPerEvent = StepsPerEventOf(options);
        _phases = [.. PhaseFactors(options, Steps).Select(p => p.At(noiseMultiplier))];
        Header = PlanHeader.Of(this);
        Hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Header.ToJsonString(PellicleJson.Line))));
    }

    /// <summary>What may change the guarantee.</summary>
    public DpOptions Options { get; }

    /// <summary>What may change speed only.</summary>
    public ExecutionOptions Execution { get; }

    /// <summary>P: number of trainable parameters.</summary>
    public long Parameters { get; }

    /// <summary>The accountant of the run.</summary>
    public PrivacyAccountant Accountant { get; }

    /// <summary>Noise multiplier of the accounting events, at factor 1 of the schedule: given, or found for the target epsilon.</summary>
    public double NoiseMultiplier { get; }

    /// <summary>Planned steps.</summary>
    public long Steps { get; }

    /// <summary>Steps that one event covers: 1, or an epoch's steps for shuffled batches.</summary>
    public long StepsPerEvent { get; }

    /// <summary>Planned events.</summary>
    public long EventCount => _phases.Sum(p => p.Steps);

    /// <summary>q.</summary>
    public double SampleRate => Options.SampleRate;

    /// <summary>L: the divisor of the noised sum.</summary>
    public double AveragingDivisor => Options.ExpectedBatchSize;

    /// <summary>The budget: training ends before the step that would exceed it; null without one.</summary>
    public double? MaxEpsilon => Options.MaxEpsilon ?? Options.TargetEpsilon;

    /// <summary>Events of the whole plan, without what was spent before.</summary>
    public PrivacyHistory History => PrivacyHistory.Of(_phases);

    /// <summary>Events of the whole plan after what was spent before.</summary>
    public PrivacyHistory TotalHistory => Options.Spent.Append(History);

    /// <summary>All constants and the software version: the first line of the ledger.</summary>
    public JsonObject Header { get; }

    /// <summary>SHA-256 of <see cref="Header"/>, hexadecimal: equal plans have equal hashes.</summary>
    public string Hash { get; }

    /// <summary>Makes the plan; searches the noise if a target epsilon is given.</summary>
    /// <param name="options">What may change the guarantee.</param>
    /// <param name="parameters">P: number of trainable parameters, at least 1; decides the noise grid.</param>
    /// <param name="execution">What may change speed; defaults if null.</param>
    /// <exception cref="UsageException">Options are wrong or contradict each other; lists all problems.</exception>
    /// <exception cref="PrivacyBudgetExceededException">Earlier runs have spent the budget, or not even one step fits into it.</exception>
    public static DpTrainingPlan Create(DpOptions options, long parameters, ExecutionOptions? execution = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(parameters, 1);
        IReadOnlyList<Problem> problems = options.Check();
        if (problems.Count > 0)
        {
            throw new UsageException(problems[0].Message, problems[0].Hint, problems);
        }

        PrivacyAccountant accountant = AccountantOf(options);
        foreach (PrivacyPhase phase in options.Spent.Phases)
        {
            accountant.ThrowIfRefused(phase.Event);
        }

        double noise = options.NoiseMultiplier
            ?? NoiseCalibration.NoiseFor(accountant, options.TargetEpsilon!.Value, options.Delta, PhaseFactors(options, StepsOf(options)), options.Spent).NoiseMultiplier;
        options = WithCountNoise(options, noise);
        return new DpTrainingPlan(options, execution ?? new ExecutionOptions(), parameters, accountant, noise);
    }

    /// <summary>The accountant that suits options: kind, sampling, orders and accuracy.</summary>
    /// <param name="options">Checked options.</param>
    public static PrivacyAccountant AccountantOf(DpOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        double? budget = options.MaxEpsilon ?? options.TargetEpsilon;
        PrvOptions prv = (budget is { } target ? PrvOptions.ForTarget(target) : new PrvOptions()) with { MemoryLimitBytes = options.AccountantMemoryBytes };
        return AccountantFactory.Create(options.Accountant, options.Sampling, options.Orders, options.EpsilonError is { } error ? prv with { EpsilonError = error } : prv);
    }

    /// <summary>The number, from 1, of the event that a step belongs to.</summary>
    /// <param name="step">1 … Steps.</param>
    public long EventOf(long step) => (step - 1) / StepsPerEvent + 1;

    /// <summary>Steps that a number of events covers.</summary>
    /// <param name="events">0 … EventCount.</param>
    public long StepsAfter(long events) => events >= EventCount ? Steps : events * StepsPerEvent;

    /// <summary>The epoch, from 0, that schedules see at a step.</summary>
    /// <param name="step">1 … Steps.</param>
    public long EpochOf(long step) =>
        Options.Sampling == SamplingKind.Shuffled ? (step - 1) / StepsPerEvent : StepCount.EpochOf(step, Options.N, Options.ExpectedBatchSize);

    /// <summary>An event by its number, and the last number with an equal event.</summary>
    /// <param name="number">1 … EventCount.</param>
    public (MechanismEvent Event, long LastEqual) EventAt(long number)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(number, 1);
        long end = 0;
        foreach (PrivacyPhase phase in _phases)
        {
            end += phase.Steps;
            if (number <= end)
            {
                return (phase.Event, end);
            }
        }

        throw new ArgumentOutOfRangeException(nameof(number), number, $"The plan has {EventCount} events.");
    }

    /// <summary>The first events of the plan, after what was spent before.</summary>
    /// <param name="events">0 … EventCount.</param>
    public PrivacyHistory TotalHistoryAfter(long events)
    {
        var taken = new List<PrivacyPhase>(Options.Spent.Phases);
        foreach (PrivacyPhase phase in _phases)
        {
            taken.Add(new PrivacyPhase(phase.Event, Math.Min(events, phase.Steps)));
            events -= taken[^1].Steps;
        }

        return PrivacyHistory.Of(taken);
    }

    /// <summary>The public grid of the noise: the largest power of two g with √P·g &lt;= 1e-4·C.</summary>
    /// <param name="maxGradNorm">C above 0.</param>
    public double GridFor(double maxGradNorm)
    {
        double bound = 1e-4 * maxGradNorm / Math.Sqrt(Parameters);
        double grid = Math.ScaleB(1, Math.ILogB(bound));
        return grid * Math.Sqrt(Parameters) <= 1e-4 * maxGradNorm ? grid : grid / 2;
    }

    /// <summary>The clipping bounds of a step, where they do not adapt.</summary>
    /// <param name="step">1 … Steps.</param>
    public StepBounds BoundsAt(long step) => StepBounds.Of(Options.Clipping, Options.ClipSchedule.FactorAt(EpochOf(step)));

    /// <summary>The constants of a step's noise.</summary>
    /// <remarks>Rounding the sum to the grid moves it by at most √P·g between neighbours, so the noise is calibrated to C + √P·g. With adaptive
    /// clipping part of the event's noise multiplier is spent on the count, so the sum gets more (<see cref="AdaptiveClippingCost"/>).</remarks>
    /// <param name="step">1 … Steps.</param>
    /// <param name="adaptiveMaxGradNorm">C of this step with adaptive clipping; otherwise null.</param>
    public StepNoise NoiseAt(long step, double? adaptiveMaxGradNorm = null)
    {
        if (Options.Adaptive is null != adaptiveMaxGradNorm is null)
        {
            throw new ArgumentException("The bound of the step is given with adaptive clipping, and only then.", nameof(adaptiveMaxGradNorm));
        }

        double c = adaptiveMaxGradNorm ?? BoundsAt(step).Sensitivity;
        double grid = GridFor(c);
        double multiplier = EventAt(EventOf(step)).Event.NoiseMultiplier;
        if (Options.Adaptive is { } adaptive)
        {
            multiplier = AdaptiveClippingCost.GradientNoiseMultiplier(multiplier, adaptive.CountNoise!.Value, Options.CountQueries);
        }

        return new StepNoise(c, grid, multiplier * (c + Math.Sqrt(Parameters) * grid), Options.Adaptive?.CountNoise, AveragingDivisor);
    }

    /// <summary>Makes the sampler whose draws the events describe.</summary>
    /// <param name="units">The units of the training data.</param>
    /// <param name="key">Secret of the run; seeded if and only if the options say so.</param>
    /// <exception cref="PrivacyRefusedException">The units do not fit the plan: other kind, or another count where the guarantee needs n exactly.</exception>
    public BatchSampler CreateSampler(PrivacyUnits units, RunKey key)
    {
        ArgumentNullException.ThrowIfNull(units);
        ArgumentNullException.ThrowIfNull(key);
        if (units.Kind != Options.Unit)
        {
            throw new PrivacyRefusedException($"the plan protects one {Options.Unit}, but the data is grouped by {units.Kind}.", "Use the same --unit for the plan and the data.");
        }

        if ((key.Source == NoiseSource.SeededForTests) != (Options.InsecureSeed is not null))
        {
            throw new PrivacyRefusedException($"the run key is {key.Source}, but the plan says {(Options.InsecureSeed is null ? NoiseSource.Secure : NoiseSource.SeededForTests)}.", "Give --insecure-seed to the plan and the run, or to neither.");
        }

        if (units.Count != Options.N && Options.Sampling is SamplingKind.FixedSize or SamplingKind.Shuffled)
        {
            throw new PrivacyRefusedException($"the plan is for n = {Options.N}, but the data has {units.Count} units; sampling '{Options.Sampling}' needs n exactly.", "Set --n to the number of units, or use Poisson sampling.");
        }

        int images = Options.Unit == PrivacyUnit.Patient ? Options.MaxImagesPerUnit : 1;
        int batch = checked((int)Options.ExpectedBatchSize);
        return Options.Sampling switch
        {
            SamplingKind.FixedSize => new FixedSizeSampler(units, batch, images, key),
            SamplingKind.Shuffled => new ShuffledSampler(units, batch, images, key),
            SamplingKind.FullBatch => new FullBatchSampler(units, images, key),
            _ => new PoissonSampler(units, SampleRate, images, key),
        };
    }

    /// <summary>Remarks on the plan that a user should read; empty in the usual case.</summary>
    /// <param name="largestUnit">Most images of one patient in the data, or null if not known.</param>
    public IReadOnlyList<string> Notes(int? largestUnit = null) => PlanNotes.Of(Options, Accountant, TotalHistory, largestUnit);

    /// <summary>Steps as given, or for the epochs: ceil(epochs·n/L). Shuffled epochs have ceil(n/L) whole steps each.</summary>
    internal static long StepsOf(DpOptions options) =>
        options.Steps ?? (options.Sampling == SamplingKind.Shuffled
            ? StepCount.Of(options.Epochs!.Value, StepsPerEventOf(options), 1)
            : StepCount.Of(options.Epochs!.Value, options.N, options.ExpectedBatchSize));

    /// <summary>The steps of a plan with their noise as multiples of one multiplier.</summary>
    internal static IReadOnlyList<NoisePhase> PhaseFactors(DpOptions options, long steps)
    {
        long perEvent = StepsPerEventOf(options);
        long events = (steps + perEvent - 1) / perEvent;
        if (options.NoiseSchedule.Kind == ScheduleKind.Constant)
        {
            return [new NoisePhase(options.Sampling, options.SampleRate, 1, events)];
        }

        var phases = new List<NoisePhase>();
        long done = 0;
        for (long epoch = 0; done < events; epoch++)
        {
            long end = options.Sampling == SamplingKind.Shuffled ? epoch + 1 : StepCount.FirstStepOf(epoch + 1, options.N, options.ExpectedBatchSize) - 1;
            end = Math.Min(end, events);
            double factor = options.NoiseSchedule.FactorAt(epoch);
            if (end > done)
            {
                phases.Add(new NoisePhase(options.Sampling, options.SampleRate, factor, end - done));
            }

            done = end;
        }

        return phases;
    }

    private static long StepsPerEventOf(DpOptions options) =>
        options.Sampling == SamplingKind.Shuffled ? (options.N + options.ExpectedBatchSize - 1) / options.ExpectedBatchSize : 1;

    /// <summary>Settles the noise of the counts, which must leave something of the largest event's noise to the gradients.</summary>
    private static DpOptions WithCountNoise(DpOptions options, double noise)
    {
        if (options.Adaptive is not { } adaptive)
        {
            return options;
        }

        double largest = noise * PhaseFactors(options, StepsOf(options)).Max(phase => phase.NoiseFactor);
        double countNoise = adaptive.CountNoise ?? AdaptiveClipping.DefaultCountNoise(options.ExpectedBatchSize, largest, options.CountQueries);
        double least = largest * Math.Sqrt(options.CountQueries) / 2;
        if (!(countNoise > least))
        {
            string message = FormattableString.Invariant($"the count noise {countNoise} of adaptive clipping costs more than the noise multiplier {largest:0.####} allows; expected a value above {least:0.####}.");
            throw new UsageException(message, "Raise --adaptive-count-noise, leave it out, or use --clipping flat.", [new Problem("clipping", message, "Raise the count noise.")]);
        }

        return options with { Adaptive = adaptive with { CountNoise = countNoise } };
    }
}
