using Pellicle.Core.Errors;
using Pellicle.Training.Configuration;

namespace Pellicle.Audit.Tests.EndToEnd;

[Trait(Speed.Trait, Speed.Slow)]
public sealed class ShadowAuditTests : AuditFixture
{
    [Fact]
    public void LiRA_online_and_offline_share_shadow_models_that_a_second_audit_keeps_and_leave_the_run_as_it_was()
    {
        Train(SmallRun());
        Dictionary<string, byte[]> before = Files();

        AuditResult audit = Audit(Request("lira", "lira-offline"));

        Assert.Equal(["lira", "lira-offline"], audit.Attacks.Select(attack => attack.Name));
        Assert.All(audit.Attacks, attack => Assert.Equal(4, attack.ShadowModels));
        Assert.All(audit.Attacks, attack => Assert.InRange(attack.N, 40, 200));
        Assert.All(audit.Attacks, attack => Assert.Equal(3, attack.TprAtFpr.Count));
        Assert.True(audit.Consistent);
        Assert.Equal(4, Directory.GetDirectories(Path.Combine(RunFolder, "audit-shadows")).Length);
        Assert.All(before, file => Assert.Equal(file.Value, File.ReadAllBytes(file.Key)));

        var notes = new Notes();
        Audit(Request("lira"), notes);
        Assert.Equal(4, notes.Texts.Count(text => text.EndsWith("kept from a former audit", StringComparison.Ordinal)));
    }

    [Fact]
    public void An_interrupted_training_of_a_shadow_model_goes_on_at_the_next_audit()
    {
        Train(SmallRun());
        using var stop = new CancellationTokenSource();
        int steps = 0;
        var interrupting = new Notes { OnStep = _ => { if (++steps == 20) { stop.Cancel(); } } };

        Assert.ThrowsAny<OperationCanceledException>(() => Audit(Request("lira"), interrupting, stop.Token));

        var notes = new Notes();
        Audit(Request("lira"), notes);
        Assert.Contains(notes.Texts, text => text == "shadow model 1 of 4: kept from a former audit");
        Assert.Contains(notes.Texts, text => text == "shadow model 2 of 4: going on with its training");
        Assert.Contains(notes.Texts, text => text == "shadow model 3 of 4: training");
    }

    [Fact]
    public void Shadow_models_of_other_units_are_refused()
    {
        Train(SmallRun(3));
        Audit(Request("lira"));

        UsageException e = Assert.Throws<UsageException>(() => Audit(Request("lira") with { Seed = 2 }));

        Assert.Contains("--seed 1", e.Hint, StringComparison.Ordinal);
    }

    // Without noise and clipping, 400 steps on 120 images memorise them.
    [Fact]
    public void LiRA_tells_members_of_a_memorising_model_better_than_guessing()
    {
        TrainConfig config = SmallRun(400);
        Train(config with { Privacy = new PrivacySection { NonPrivate = true } });

        AuditResult audit = Audit(Request("loss", "lira"));

        Assert.All(audit.Attacks, attack => Assert.True(attack.AucInterval!.Value.Low > 0.5, $"{attack.Name}: {attack.Auc}"));
        Assert.Null(audit.EpsilonUpperBound);
    }

    [Fact]
    public void An_odd_number_of_shadow_models_is_refused_before_work_starts() =>
        Assert.Contains("expected an even number", Assert.Throws<UsageException>(() => Audit(Request("lira") with { ShadowModels = 5 })).Message, StringComparison.Ordinal);

    private Dictionary<string, byte[]> Files() =>
        Directory.GetFiles(RunFolder, "*", SearchOption.AllDirectories).ToDictionary(file => file, File.ReadAllBytes);
}
