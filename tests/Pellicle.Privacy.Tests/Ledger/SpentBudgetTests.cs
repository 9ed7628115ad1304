using Pellicle.Core.Errors;
using Pellicle.Privacy.Accounting;
using Pellicle.Privacy.Ledger;
using Pellicle.Privacy.Noise;
using Pellicle.Privacy.Plan;
using Pellicle.Privacy.Sampling;

namespace Pellicle.Privacy.Tests.Ledger;

public sealed class SpentBudgetTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pellicle-spent-").FullName;

    private static DpOptions Options => new() { N = 1000, ExpectedBatchSize = 10, Steps = 50, NoiseMultiplier = 1, Accountant = AccountantKind.Rdp };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Ledgers_add_up_and_one_that_another_continues_is_counted_once()
    {
        string first = Write("first", Options);
        string other = Write("other", Options with { NoiseMultiplier = 2 });
        SpentBudget one = Read(first);
        Assert.Equal(50, one.History.Steps);
        string second = Write("second", Options with { NoiseMultiplier = 3, Spent = one.History, SpentLedgerHash = one.LedgerHash });

        Assert.Equal([(1.0, 50L), (3.0, 50L)], Phases(Read(second)));
        Assert.Equal([(1.0, 50L), (3.0, 50L)], Phases(Read(first, second)));
        Assert.Equal([(2.0, 50L), (1.0, 50L), (3.0, 50L)], Phases(Read(other, second)));
        Assert.Equal(50, Read(first, first).History.Steps);
        Assert.Equal(SpentBudget.None, Read());
    }

    [Fact]
    public void Budgets_of_another_unit_or_with_seeded_noise_are_refused()
    {
        string image = Write("image", Options);
        Assert.Throws<PrivacyRefusedException>(() => SpentBudget.Of([image], PrivacyUnit.Patient, isSeededForTests: false));
        string seeded = Write("seeded", Options with { InsecureSeed = new InsecureSeed(1) });
        Assert.Throws<PrivacyRefusedException>(() => Read(seeded));
        Assert.Equal(50, SpentBudget.Of([seeded], PrivacyUnit.Image, isSeededForTests: true).History.Steps);
        Assert.Throws<LedgerException>(() => Read(Path.Combine(_folder, "none.jsonl")));
    }

    [Fact]
    public void A_resumed_run_takes_what_its_own_ledger_says_was_spent()
    {
        SpentBudget one = Read(Write("first", Options));
        string second = Write("second", Options with { Spent = one.History, SpentLedgerHash = one.LedgerHash });
        SpentBudget again = LedgerContent.Read(second).Spent;
        Assert.Equal(one.History, again.History);
        Assert.Equal(one.LedgerHash, again.LedgerHash);
    }

    private static SpentBudget Read(params string[] files) => SpentBudget.Of(files, PrivacyUnit.Image, isSeededForTests: false);

    private static IEnumerable<(double Noise, long Steps)> Phases(SpentBudget spent) => spent.History.Phases.Select(p => (p.Event.NoiseMultiplier, p.Steps));

    private string Write(string name, DpOptions options)
    {
        string path = Path.Combine(_folder, name + ".jsonl");
        DpTrainingPlan plan = DpTrainingPlan.Create(options, 10);
        using PrivacyLedger ledger = PrivacyLedger.Create(path, plan.Header);
        var guard = new BudgetGuard(plan);
        for (long step = 1; step <= plan.Steps; step++)
        {
            Assert.True(guard.TryBegin(step, ledger));
        }

        return path;
    }
}
