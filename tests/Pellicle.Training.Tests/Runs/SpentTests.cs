using Pellicle.Core.Errors;
using Pellicle.Privacy.Ledger;
using Pellicle.Training.Configuration;
using Pellicle.Training.Runs;

namespace Pellicle.Training.Tests.Runs;

[Trait(Speed.Trait, Speed.Slow)]
public sealed class SpentTests : TrainingFixture
{
    [Fact]
    public void A_run_adds_to_the_budget_that_an_earlier_run_spent()
    {
        TrainResult first = Train(SmallRun(20), "first");
        TrainResult second = Train(Continuing(SmallRun(20)), "second");
        TrainResult whole = Train(SmallRun(40), "whole");
        Assert.Equal(whole.Privacy.Epsilon!.Value, second.Privacy.Epsilon!.Value, 1e-12);
        Assert.True(second.Privacy.Epsilon > first.Privacy.Epsilon);
        Assert.Equal(20, second.Privacy.Steps);
        Assert.Contains("20 steps that earlier runs took", second.Privacy.Statement, StringComparison.Ordinal);
        LedgerContent ledger = LedgerContent.Read(RunFolder.Open(In("second")).LedgerFile);
        Assert.Equal(LedgerContent.Read(RunFolder.Open(In("first")).LedgerFile).Hash, ledger.Plan["spentLedgerHash"]!.GetValue<string>());
        Assert.Equal(40, ledger.TotalHistory.Steps);
    }

    [Fact]
    public void The_hard_stop_counts_what_was_spent_before()
    {
        TrainResult first = Train(SmallRun(20), "first");
        double limit = Train(SmallRun(35), "whole").Privacy.Epsilon!.Value * (1 + 1e-9);
        TrainConfig limited = Continuing(SmallRun(60)) with { Privacy = Continuing(SmallRun(60)).Privacy with { MaxEpsilon = limit } };
        TrainResult second = Train(limited, "second");
        Assert.Equal((RunStatus.StoppedByBudget, 15), (second.Status, (int)second.Steps));
        TrainConfig none = limited with { Privacy = limited.Privacy with { MaxEpsilon = first.Privacy.Epsilon } };
        Assert.Throws<PrivacyBudgetExceededException>(() => Train(none, "third"));
        TrainConfig target = limited with { Privacy = limited.Privacy with { MaxEpsilon = null, NoiseMultiplier = null, TargetEpsilon = 1.3 * first.Privacy.Epsilon } };
        Assert.InRange(Train(target, "fourth").Privacy.Epsilon!.Value / first.Privacy.Epsilon!.Value, 1.25, 1.3);
    }

    [Fact]
    public void Fine_tuning_a_private_run_on_its_data_continues_its_ledger_whether_run_or_file_is_named()
    {
        TrainResult first = Train(SmallRun(5), "first");
        foreach (string weights in new[] { In("first"), Path.Combine(In("first"), "model"), Path.Combine(In("first"), "model", "model.safetensors") })
        {
            string name = $"tuned{weights.Length}";
            TrainResult tuned = Train(From(SmallRun(5), weights), name);
            Assert.True(tuned.Privacy.Epsilon > first.Privacy.Epsilon);
            Assert.Equal(("first", false, true), (tuned.Privacy.Pretraining!.Source, tuned.Privacy.Pretraining.IsPublic, tuned.Privacy.Pretraining.IsIncluded));
            Assert.DoesNotContain(tuned.Privacy.NotCovered, text => text.Contains("initial weights", StringComparison.Ordinal));
            Assert.Equal(10, LedgerContent.Read(RunFolder.Open(In(name)).LedgerFile).TotalHistory.Steps);
        }
    }

    [Fact]
    public void Weights_of_a_run_without_privacy_on_the_same_data_are_refused()
    {
        TrainConfig ordinary = SmallRun(3) with { Privacy = new PrivacySection { NonPrivate = true } };
        Train(ordinary, "ordinary");
        Assert.Throws<PrivacyRefusedException>(() => Train(From(SmallRun(3), In("ordinary")), "run"));
        Assert.False(Directory.Exists(In("run")));
        Assert.False(Train(From(ordinary, In("ordinary")), "more").Privacy.Private);
    }

    [Fact]
    public void Weights_of_a_run_on_other_data_are_recorded_as_not_covered()
    {
        Train(SmallRun(3) with { Data = new DataSection { Source = "synth:dermoscopy,images=120,size=16" } }, "other");
        TrainResult result = Train(From(SmallRun(3), In("other")), "run");
        Assert.False(result.Privacy.Pretraining!.IsIncluded);
        Assert.Contains(result.Privacy.NotCovered, text => text.Contains("initial weights", StringComparison.Ordinal));
        Assert.Equal(3, LedgerContent.Read(RunFolder.Open(In("run")).LedgerFile).TotalHistory.Steps);
    }

    [Fact]
    public void A_budget_of_another_unit_is_refused()
    {
        Train(SmallRun(3), "first");
        TrainConfig patients = Continuing(SmallRun(3)) with { Privacy = Continuing(SmallRun(3)).Privacy with { Unit = UnitChoice.Patient } };
        Assert.Throws<PrivacyRefusedException>(() => Train(patients, "second"));
    }

    [Fact]
    public void A_killed_run_resumes_with_the_budget_it_began_with_though_the_earlier_run_is_gone()
    {
        Train(SmallRun(10), "first");
        Train(Continuing(SmallRun(20)), "whole");
        Assert.Throws<KilledException>(() => Train(Continuing(SmallRun(20)), "killed", new After(8, () => throw new KilledException())));
        Directory.Delete(In("first"), recursive: true);
        Resume(Continuing(SmallRun(20)), "killed");
        Assert.Equal(LedgerOf("whole"), LedgerOf("killed"));
        Assert.Equal(WeightsOf("whole"), WeightsOf("killed"));
    }

    private TrainConfig Continuing(TrainConfig config) => config with { Privacy = config.Privacy with { Spent = [In("first")] } };

    private static TrainConfig From(TrainConfig config, string weights) => config with { Model = config.Model with { Weights = weights } };
}
