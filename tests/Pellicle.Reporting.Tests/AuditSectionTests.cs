using Pellicle.Audit;
using Pellicle.Training.Runs;

namespace Pellicle.Reporting.Tests;

public sealed class AuditSectionTests
{
    [Fact]
    public void Shadow_models_and_planted_gradients_stand_beside_the_upper_bound_with_what_they_assume()
    {
        using SampleRun run = SampleRun.Private();
        string file = Path.Combine(run.Folder, "audit.json");
        AuditResult audit = RunFolder.ReadJson<AuditResult>(file);
        AttackResult lira = audit.Attacks[0] with { Name = "lira", ShadowModels = 64, Canaries = null, Assumption = "assumption of lira" };
        AttackResult gradient = lira with { Name = "gradient", ShadowModels = null, EpsilonLowerBound = 2.71, Assumption = "assumption of gradient", Shift = new GaussianShift(4000, 1.25, 1.19, 1.5, 0.987, 2.71) };
        RunFolder.WriteJson(file, audit with { Attacks = [lira, gradient], EpsilonLowerBound = 2.71 });

        string report = run.Report();

        Assert.Contains("assumption of lira 64 shadow models.", report, StringComparison.Ordinal);
        Assert.Contains("assumption of gradient 4,000 planted gradients.", report, StringComparison.Ordinal);
        Assert.Contains("0.987 times the planned noise multiplier", report, StringComparison.Ordinal);
        Assert.Contains("lower bound (gradient attack)", report, StringComparison.Ordinal);
        Assert.Contains("lira attack, AUC", report, StringComparison.Ordinal);
        Assert.Contains("Control with shuffled membership", report, StringComparison.Ordinal);
    }
}
