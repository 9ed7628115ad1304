using System.Text.Json.Nodes;
using Pellicle.Audit.Attacks;
using Pellicle.Audit.Statistics;
using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Privacy.Ledger;
using Pellicle.Training;
using Pellicle.Training.Probes;
using Pellicle.Training.Runs;

namespace Pellicle.Audit.Gradients;

/// <summary>Plan the run's mechanism anew → plant gradients by coins → take all steps → score.</summary>
internal sealed class GradientProbing
{
    private static readonly TimeSpan TellEvery = TimeSpan.FromSeconds(10);

    private readonly TimeProvider _clock;
    private readonly ISecureRandom _coins;
    private readonly ITrainingObserver _observer;

    public GradientProbing(TimeProvider clock, ISecureRandom coins, ITrainingObserver observer)
    {
        _clock = clock;
        _coins = coins;
        _observer = observer;
    }

    /// <summary>The gradient-space audit: μ from the shift.</summary>
    public (AttackResult Result, MembershipScores Scores) Estimate(AttackSetting setting)
    {
        long start = _clock.GetTimestamp();
        using Planted planted = Probe(setting, setting.Request.GradientCanaries ?? GradientAttack.UsualCanaries, "gradients");
        AttackResult result = GradientAttack.Evaluate(planted.Canaries, planted.Probe.Plan, setting.Delta, setting.Confidence, _clock.GetElapsedTime(start).TotalSeconds);
        return (result, planted.Canaries.Membership);
    }

    /// <summary>One-run audit with gradient canaries: coins guessed.</summary>
    public (AttackResult Result, MembershipScores Scores) Guess(AttackSetting setting)
    {
        long start = _clock.GetTimestamp();
        using Planted planted = Probe(setting, setting.Request.Canaries, "gradient-canaries");
        AttackResult result = GradientAttack.EvaluateGuesses(planted.Canaries.Scores, planted.Canaries.IsIncluded, setting.Delta, setting.Confidence, _clock.GetElapsedTime(start).TotalSeconds);
        return (result, planted.Canaries.Membership);
    }

    private Planted Probe(AttackSetting setting, int wanted, string purpose)
    {
        string scratch = setting.Request.ProbeFolder ?? Path.Combine(setting.Request.RunFolder, "audit-probe");
        GradientProbe probe = GradientProbe.OfRun(setting.Run.Config with { Threads = setting.Request.Threads }, scratch, new WithoutWarnings(_observer));
        try
        {
            WarnIfPlansDiffer(setting.Run, probe);
            int count = (int)Math.Min(Math.Min(wanted, probe.Units), probe.Model.TrainableParameters().Sum(parameter => parameter.Count));
            if (count < wanted)
            {
                _observer.Note($"{count} gradients are planted, not {wanted}: no more than units and parameters");
            }

            _observer.Note($"gradient audit: {count} planted gradients through {probe.Steps} steps of the run's mechanism; parameters and ledger of the run stay as they are");
            var canaries = new GradientCanaries(probe, count, setting.Random.Derive(purpose), _coins);
            long last = _clock.GetTimestamp();
            probe.Run(canaries, step => last = Tell(step, probe.Steps, last), setting.Cancellation);
            return new Planted(probe, canaries);
        }
        catch
        {
            probe.Dispose();
            throw;
        }
    }

    private long Tell(long step, long steps, long last)
    {
        if (_clock.GetElapsedTime(last) < TellEvery)
        {
            return last;
        }

        _observer.Note($"gradient audit: step {step} of {steps}");
        return _clock.GetTimestamp();
    }

    private void WarnIfPlansDiffer(LoadedRun run, GradientProbe probe)
    {
        if (probe.Plan is not { } plan || !File.Exists(run.Folder.LedgerFile))
        {
            return;
        }

        try
        {
            if (!JsonNode.DeepEquals(JsonNode.Parse(LedgerContent.Read(run.Folder.LedgerFile).Plan.ToJsonString()), JsonNode.Parse(plan.Header.ToJsonString())))
            {
                _observer.Warn("the plan made from the run's settings is not the one in its ledger (another version, or other data): the gradient audit says something about the new plan only");
            }
        }
        catch (LedgerException)
        {
            // Reported with the upper bound, which is not shown then.
        }
    }

    private sealed record Planted(GradientProbe Probe, GradientCanaries Canaries) : IDisposable
    {
        public void Dispose()
        {
            Canaries.Dispose();
            Probe.Dispose();
        }
    }
}
