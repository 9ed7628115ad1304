using Pellicle.Core.Random;
using Pellicle.Nn;
using Pellicle.Nn.Losses;
using Pellicle.Privacy.Accounting;
using Pellicle.Privacy.Clipping;
using Pellicle.Privacy.Ledger;
using Pellicle.Privacy.Noise;
using Pellicle.Privacy.Plan;
using Pellicle.Privacy.Sampling;
using Pellicle.Tensors;
using Pellicle.Training.Configuration;
using Pellicle.Training.Steps;

namespace Pellicle.Training.Probes;

/// <summary>Takes the steps of a run's mechanism on given gradients instead of images: sample → clip and sum → noise → average, with the objects that train.</summary>
/// <remarks>Sampler, clipper, accumulator, noise and divisor are those of a training run with the same plan. Parameters are not updated: what follows the noise is
/// post-processing. Ledger and key are the probe's own, in a scratch folder, and go with it: nothing is charged to the run.</remarks>
public sealed class GradientProbe : IDisposable
{
    private readonly GradientMechanism _mechanism;
    private readonly CrossEntropyLoss _loss = new([]);
    private readonly PerUnitClipper _clipper;
    private readonly TrainSetup? _setup;
    private readonly string? _scratchFolder;

    private GradientProbe(GradientMechanism mechanism, DpTrainingPlan? plan, Layer model, int units, TrainSetup? setup, string? scratchFolder)
    {
        _mechanism = mechanism;
        _clipper = new PerUnitClipper(model, _loss, mechanism.Clipping, precision: plan?.Options.Precision ?? ProductPrecision.Float32);
        _setup = setup;
        _scratchFolder = scratchFolder;
        Plan = plan;
        Model = model;
        Units = units;
    }

    /// <summary>The plan; null for ordinary training, which has neither bound nor noise.</summary>
    public DpTrainingPlan? Plan { get; }

    /// <summary>The network whose parameters the gradients belong to.</summary>
    public Layer Model { get; }

    /// <summary>n: units that the sampler draws from.</summary>
    public int Units { get; }

    /// <summary>How units are drawn; null for ordinary training.</summary>
    public SamplingKind? Sampling => Plan?.Options.Sampling;

    /// <summary>Steps that <see cref="Run"/> takes.</summary>
    public long Steps => _mechanism.AllowedSteps;

    /// <summary>Probes the mechanism of a run, planned anew from its settings and data.</summary>
    /// <param name="config">Settings of the run.</param>
    /// <param name="scratchFolder">Holds ledger and key of the probe; made here, removed at the end.</param>
    /// <param name="observer">Told what planning notes.</param>
    public static GradientProbe OfRun(TrainConfig config, string scratchFolder, ITrainingObserver observer)
    {
        ArgumentNullException.ThrowIfNull(config);
        TrainSetup setup = TrainSetup.Prepare(new TrainRequest { Config = config }, observer);
        try
        {
            return setup.Plan is { } plan
                ? Private(plan, setup.Model.Root, scratchFolder, setup)
                : Ordinary(setup.Model.Root, setup.Data.TrainingImages, setup.Config.Train.Batch, setup.PlannedSteps, setup.Config.Seed, setup);
        }
        catch
        {
            setup.Dispose();
            throw;
        }
    }

    /// <summary>Probes the mechanism of a plan.</summary>
    /// <param name="plan">The plan; its n decides the number of units.</param>
    /// <param name="model">A network with as many trainable parameters as the plan says; stays the caller's.</param>
    /// <param name="scratchFolder">Holds ledger and key of the probe; made here, removed at the end.</param>
    public static GradientProbe OfPlan(DpTrainingPlan plan, Layer model, string scratchFolder)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(model);
        return Private(plan, model, scratchFolder, null);
    }

    /// <summary>Probes ordinary training: no bound, no noise. A control that every audit must detect.</summary>
    /// <param name="model">A network; stays the caller's.</param>
    /// <param name="units">n, at least 1.</param>
    /// <param name="batch">Units of a step, 1 … n.</param>
    /// <param name="steps">At least 1.</param>
    /// <param name="seed">Decides the order of the units.</param>
    public static GradientProbe OfOrdinaryTraining(Layer model, int units, int batch, long steps, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(model);
        return Ordinary(model, units, batch, steps, seed, null);
    }

    /// <summary>Takes all steps.</summary>
    /// <param name="planted">Gradients to plant, at most <see cref="Units"/>.</param>
    /// <param name="progress">Told the number of each step that is done.</param>
    /// <param name="cancellation">Checked between steps.</param>
    public void Run(IPlantedGradients planted, Action<long> progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(planted);
        ArgumentNullException.ThrowIfNull(progress);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(planted.Count, Units, nameof(planted));
        for (long step = 1; step <= Steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using TensorScope scope = TensorScope.Open();
            SampledBatch batch = _mechanism.Sample(step);
            _mechanism.Record(step);
            StepBounds? bounds = _mechanism.BoundsOf(step);
            _clipper.BeginStep(bounds);
            foreach (int unit in batch.Units)
            {
                if (unit < planted.Count && planted.GradientOf(step, unit) is { } gradient)
                {
                    _clipper.AddGradient(gradient);
                }
            }

            ClippedSum sum = _clipper.EndStep();
            StepNoise constants = Plan?.NoiseAt(step, Plan.Options.Adaptive is null ? null : bounds!.Sensitivity) ?? new StepNoise(1, 0, 0, null, batch.Units.Count);
            _mechanism.NoiseAndAverage(sum, step, batch.Units.Count);
            planted.Observe(step, batch.Units, constants, sum.Parameters);
            progress(step);
        }
    }

    /// <summary>Frees the mechanism and removes the scratch folder.</summary>
    public void Dispose()
    {
        _mechanism.Dispose();
        _clipper.Dispose();
        _loss.Dispose();
        _setup?.Dispose();
        RemoveScratch(_scratchFolder);
    }

    private static GradientProbe Private(DpTrainingPlan plan, Layer model, string scratchFolder, TrainSetup? setup)
    {
        RemoveScratch(scratchFolder); // of an audit that was killed
        Directory.CreateDirectory(scratchFolder);
        int n = checked((int)plan.Options.N);
        int[] all = [.. Enumerable.Range(0, n)];
        PrivacyUnits units = plan.Options.Unit == PrivacyUnit.Patient ? PrivacyUnits.OfPatients(all, [.. all.Select(unit => $"unit {unit}")]) : PrivacyUnits.OfImages(all);
        RunKey key = plan.Options.InsecureSeed is { } seed ? RunKey.FromInsecureSeed(seed) : RunKey.Create(KeyFile(scratchFolder), new SystemSecureRandom());
        PrivacyLedger ledger = PrivacyLedger.Create(LedgerFile(scratchFolder), plan.Header);
        return new GradientProbe(new DpGradients(plan, new BudgetGuard(plan), ledger, key, units), plan, model, n, setup, scratchFolder);
    }

    private static GradientProbe Ordinary(Layer model, int units, int batch, long steps, ulong seed, TrainSetup? setup) =>
        new(new OrdinaryGradients(new OrdinaryBatches(units, Math.Min(batch, units), new SeededRandom(seed).Derive("batches")).Sample, steps), null, model, units, setup, null);

    private static string LedgerFile(string folder) => Path.Combine(folder, "ledger.jsonl");

    private static string KeyFile(string folder) => Path.Combine(folder, "run.key");

    // Only what a probe writes is removed: a folder with anything else in it stays.
    private static void RemoveScratch(string? folder)
    {
        if (folder is null || !Directory.Exists(folder))
        {
            return;
        }

        File.Delete(LedgerFile(folder));
        File.Delete(LedgerFile(folder) + ".lock");
        File.Delete(KeyFile(folder));
        if (!Directory.EnumerateFileSystemEntries(folder).Any())
        {
            Directory.Delete(folder);
        }
    }
}
