using Pellicle.Audit.Attacks;
using Pellicle.Audit.Canaries;
using Pellicle.Audit.Gradients;
using Pellicle.Audit.Lira;
using Pellicle.Audit.Statistics;
using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Data;
using Pellicle.Privacy.Ledger;
using Pellicle.Privacy.Statement;
using Pellicle.Training;
using Pellicle.Training.Runs;

namespace Pellicle.Audit;

/// <summary>Open the run → read what its accountant promises → attack → control → compare lower and upper bound → write audit.json.</summary>
public sealed class AuditPipeline
{
    private readonly TimeProvider _clock;
    private readonly ISecureRandom _coins;
    private readonly ITrainingObserver _observer;

    /// <summary>Makes a pipeline.</summary>
    /// <param name="clock">Measures the attacks.</param>
    /// <param name="coins">Tosses the coins of the canaries.</param>
    /// <param name="observer">Told about progress, and about the training of the twin.</param>
    public AuditPipeline(TimeProvider clock, ISecureRandom coins, ITrainingObserver observer)
    {
        ArgumentNullException.ThrowIfNull(clock);
        ArgumentNullException.ThrowIfNull(coins);
        ArgumentNullException.ThrowIfNull(observer);
        _clock = clock;
        _coins = coins;
        _observer = observer;
    }

    /// <summary>Audits a finished run and writes audit.json, or attack.json, into its folder.</summary>
    /// <param name="request">Run, attacks and options.</param>
    /// <param name="cancellation">Checked between batches and steps.</param>
    /// <exception cref="UsageException">An attack or option is not valid.</exception>
    /// <exception cref="DataFormatException">The run or its data cannot be used.</exception>
    public AuditResult Run(AuditRequest request, CancellationToken cancellation = default)
    {
        AuditRequestCheck.Require(request);
        using LoadedRun run = LoadedRun.Open(request.RunFolder, request.Threads);
        AuditRunCheck.Require(run, request);
        PrivacyStatement? promise = ReadPromise(run);
        double delta = promise?.Delta ?? request.DeltaWithoutPrivacy;
        // Each of k attacks gets 1/k of the error probability: then the largest of their bounds holds with the confidence asked for.
        double each = 1 - (1 - request.Confidence) / request.Attacks.Count;
        var setting = new AttackSetting(run, request, delta, each, new SeededRandom(request.Seed).Derive("audit"), cancellation);
        var shadows = new ShadowAttack(_clock, _observer);
        var probing = new GradientProbing(_clock, _coins, _observer);
        var results = new List<AttackResult>();
        AuditControls? controls = null;
        foreach (string attack in request.Attacks)
        {
            (AttackResult result, MembershipScores scores) = attack switch
            {
                "loss" => Loss(setting),
                "gradient" => probing.Estimate(setting),
                "canary" when request.CanaryKinds.Contains(CanaryKind.Gradient) => probing.Guess(setting),
                "canary" => Canary(setting),
                _ => shadows.Run(attack, setting),
            };
            results.Add(result);
            controls ??= AttackStatistics.ShuffledMembership(scores, request.Confidence, setting.Random.Derive("shuffle"));
        }

        double lower = results.Max(result => result.EpsilonLowerBound);
        var audit = new AuditResult
        {
            RunDir = request.RunFolder,
            Attacks = results,
            EpsilonLowerBound = lower,
            EpsilonUpperBound = promise?.Epsilon,
            Delta = delta,
            Consistent = promise?.Epsilon is not { } upper || lower <= upper,
            Confidence = request.Confidence,
            Controls = controls!,
        };
        RunFolder.WriteJson(request.IsAttackOnly ? run.Folder.AttackFile : run.Folder.AuditFile, audit);
        return audit;
    }

    private PrivacyStatement? ReadPromise(LoadedRun run)
    {
        PrivacyStatement statement = RunFolder.ReadJson<PrivacyStatement>(run.Folder.PrivacyFile);
        if (!statement.Private)
        {
            return null;
        }

        try
        {
            if (LedgerContent.Read(run.Folder.LedgerFile).Hash == statement.LedgerHash)
            {
                return statement;
            }

            _observer.Warn("the ledger is not the one that privacy.json names: no upper bound is shown");
        }
        catch (LedgerException e)
        {
            _observer.Warn($"no upper bound is shown: {e.Message}");
        }

        return statement with { Epsilon = null };
    }

    private (AttackResult Result, MembershipScores Scores) Loss(AttackSetting setting)
    {
        long start = _clock.GetTimestamp();
        var losses = new UnitLosses(setting.Run);
        (int[] members, int[] others) = losses.Draw(setting.Request.MaxImages, setting.Random.Derive("draw"));
        if (others.Length == 0)
        {
            _observer.Warn("the data have no held-out images (test or validation), so the loss attack has nothing to compare with and shows nothing");
        }

        _observer.Note($"loss attack: {members.Length} training and {others.Length} held-out images");
        double[] memberLosses = losses.OfRecords(members, setting.IsByPatient, setting.Cancellation);
        double[] otherLosses = others.Length == 0 ? [] : losses.OfRecords(others, setting.IsByPatient, setting.Cancellation);
        AttackResult result = LossAttack.Evaluate(memberLosses, otherLosses, setting.Delta, setting.Confidence, setting.Random.Derive("split"), _clock.GetElapsedTime(start).TotalSeconds);
        return (result, LossAttack.Scores(memberLosses, otherLosses));
    }

    private (AttackResult Result, MembershipScores Scores) Canary(AttackSetting setting)
    {
        long start = _clock.GetTimestamp();
        (LoadedRun run, AuditRequest request) = (setting.Run, setting.Request);
        var losses = new UnitLosses(run);
        IEnumerable<int> bases = request.CanaryKinds.Contains(CanaryKind.Mislabelled) ? losses.HeldOut() : [];
        (int, int)[] heldOut = [.. bases.Select(record => (record, run.Dataset.Records[record].Label))];
        int count = request.CanaryKinds.Contains(CanaryKind.Noise) ? request.Canaries : Math.Min(request.Canaries, heldOut.Length);
        if (count < CanarySet.Fewest)
        {
            throw new UsageException($"there are {heldOut.Length} held-out images for mislabelled canaries; expected at least {CanarySet.Fewest}.", "Add noise to --canary-kind.");
        }

        ImageTransform transform = run.Metadata.ToTransform();
        var shape = new CanaryImageShape(transform.Channels, transform.ImageSize, run.Metadata.Mean, run.Metadata.Std);
        IReadOnlyList<Canary> canaries = CanarySet.Make(count, heldOut, run.Metadata.Classes.Count, shape, setting.Random.Derive("canaries"), _coins);
        int training = run.Dataset.IndicesOf(SplitName.Train).Count;
        if (canaries.Count > training)
        {
            _observer.Warn($"{canaries.Count} canaries are more than the {training} training images: the twin says less about the run");
        }

        _observer.Note($"canary attack: training a twin with about half of {canaries.Count} canaries planted");
        PlantedImage[] images = [.. canaries.Select(canary => canary.Image)];
        double[] reference = losses.OfPlanted(images, setting.Cancellation);
        string folder = request.TwinFolder ?? Path.Combine(request.RunFolder, "audit-twin");
        double[] twin = new CanariedTwin(_clock, _observer).Use(run.Config, canaries, folder, request.Threads, opened => new UnitLosses(opened).OfPlanted(images, setting.Cancellation), setting.Cancellation);
        AttackResult result = CanaryAttack.Evaluate(canaries, reference, twin, setting.Delta, setting.Confidence, _clock.GetElapsedTime(start).TotalSeconds);
        return (result, CanaryAttack.Scores(canaries, reference, twin));
    }
}
