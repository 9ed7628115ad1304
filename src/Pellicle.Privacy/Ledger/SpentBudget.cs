using System.Text.Json.Nodes;
using Pellicle.Core.Errors;
using Pellicle.Privacy.Accounting;
using Pellicle.Privacy.Noise;
using Pellicle.Privacy.Plan;
using Pellicle.Privacy.Sampling;

namespace Pellicle.Privacy.Ledger;

/// <summary>What earlier runs spent on the same data, read from their ledgers: the part of the budget that a continuing run starts with.</summary>
/// <param name="History">Events of the earlier runs, and of the runs before those, in order.</param>
/// <param name="LedgerHash">Hashes of their ledgers, joined by '+'; null without any.</param>
public sealed record SpentBudget(PrivacyHistory History, string? LedgerHash)
{
    /// <summary>No earlier run.</summary>
    public static SpentBudget None { get; } = new(PrivacyHistory.Empty, null);

    /// <summary>Adds up ledgers. A ledger that another one continues is counted once.</summary>
    /// <param name="files">Paths of ledgers.</param>
    /// <param name="unit">Unit of the run that continues: budgets of different units do not add up.</param>
    /// <param name="isSeededForTests">True if that run's noise is seeded, too.</param>
    /// <exception cref="LedgerException">A ledger is missing or broken.</exception>
    /// <exception cref="PrivacyRefusedException">A ledger protects another unit, or its noise was seeded and this run's is not.</exception>
    public static SpentBudget Of(IEnumerable<string> files, PrivacyUnit unit, bool isSeededForTests)
    {
        ArgumentNullException.ThrowIfNull(files);
        var ledgers = new Dictionary<string, LedgerContent>(StringComparer.Ordinal);
        foreach (string file in files)
        {
            LedgerContent content = LedgerContent.Read(file);
            Check(file, content.Plan, unit, isSeededForTests);
            ledgers[content.Hash] = content;
        }

        HashSet<string> continued = [.. ledgers.Values.SelectMany(ledger => ledger.Spent.LedgerHash?.Split('+') ?? [])];
        var counted = ledgers.Where(ledger => !continued.Contains(ledger.Key)).ToList();
        return counted.Count == 0
            ? None
            : new SpentBudget(PrivacyHistory.Of(counted.SelectMany(ledger => ledger.Value.TotalHistory.Phases)), string.Join('+', counted.Select(ledger => ledger.Key)));
    }


    private static void Check(string file, JsonObject plan, PrivacyUnit unit, bool isSeededForTests)
    {
        string? recorded = plan["unit"]?.ToString();
        if (recorded != PlanHeader.Name(unit))
        {
            throw new PrivacyRefusedException($"the ledger '{file}' counts the budget of one {recorded ?? "unknown unit"}, this run protects one {PlanHeader.Name(unit)}: the two do not add up.", "Use the same --unit as the earlier run.");
        }

        if (!isSeededForTests && plan["noiseSource"]?.ToString() != PlanHeader.Name(NoiseSource.Secure))
        {
            throw new PrivacyRefusedException($"the ledger '{file}' is of a run with seeded noise, which protects nobody: no budget continues it.", "Train the earlier run again without --insecure-seed.");
        }
    }
}
