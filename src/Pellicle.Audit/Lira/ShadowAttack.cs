using Pellicle.Audit.Attacks;
using Pellicle.Audit.Statistics;
using Pellicle.Training;

namespace Pellicle.Audit.Lira;

/// <summary>Draw units → train shadow models → compare confidences. Online and offline LiRA share the models.</summary>
internal sealed class ShadowAttack
{
    private readonly TimeProvider _clock;
    private readonly ITrainingObserver _observer;
    private Comparison? _comparison;

    public ShadowAttack(TimeProvider clock, ITrainingObserver observer)
    {
        _clock = clock;
        _observer = observer;
    }

    /// <summary>Runs LiRA.</summary>
    public (AttackResult Result, MembershipScores Scores) Run(string name, AttackSetting setting)
    {
        long start = _clock.GetTimestamp();
        Comparison seen = _comparison ??= Compare(setting);
        double[] all = seen.Shadows.Length == 0 ? []
            : name == "lira" ? ShadowLikelihood.Online(seen.Target, seen.Shadows, seen.IsIn)
            : ShadowLikelihood.Offline(seen.Target, seen.Shadows, seen.IsIn);
        var scores = new MembershipScores(all[..(all.Length / 2)], all[(all.Length / 2)..]);
        AttackResult result = LikelihoodRatioAttack.Evaluate(name, scores, seen.Shadows.Length, setting.Delta, setting.Confidence, setting.Random.Derive("split-" + name), _clock.GetElapsedTime(start).TotalSeconds);
        return (result, scores);
    }

    private Comparison Compare(AttackSetting setting)
    {
        AuditRequest request = setting.Request;
        ShadowTargets targets = ShadowTargets.Draw(setting.Run.Dataset, setting.IsByPatient, request.MaxImages, setting.Random.Derive("shadow-targets"));
        if (targets.Members.Count == 0)
        {
            _observer.Warn("the data have no held-out images (test or validation), so LiRA has nothing to compare with and shows nothing");
            return new Comparison([], [], []);
        }

        string folder = request.ShadowFolder ?? Path.Combine(request.RunFolder, "audit-shadows");
        _observer.Note(
            $"LiRA: {request.ShadowModels} shadow models, {targets.Members.Count} training and {targets.NonMembers.Count} held-out units. They are attacks on your own data: "
            + $"not charged to the run's budget, kept in '{folder}' as private data");
        (double[][] shadows, bool[][] isIn) = new ShadowModels(_clock, _observer).Confidences(
            setting.Run, targets, request.ShadowModels, folder, setting.Random.Derive("shadows"), request.Seed, request.Threads, setting.Cancellation);
        return new Comparison(new UnitConfidences(setting.Run).Of(targets.All, setting.Cancellation), shadows, isIn);
    }

    private sealed record Comparison(double[] Target, double[][] Shadows, bool[][] IsIn);
}
