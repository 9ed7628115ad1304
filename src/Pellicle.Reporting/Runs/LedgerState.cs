using Pellicle.Core.Errors;
using Pellicle.Privacy.Ledger;

namespace Pellicle.Reporting.Runs;

/// <summary>Whether the ledger of a run supports its privacy statement.</summary>
/// <param name="IsValid">The chain holds and is the one that the statement names.</param>
/// <param name="Problem">Why not; null if valid.</param>
/// <param name="Hash">Hash of the last line; null without a readable ledger.</param>
/// <param name="Steps">Steps recorded as spent.</param>
internal sealed record LedgerState(bool IsValid, string? Problem, string? Hash, long Steps)
{
    public static LedgerState Check(string file, JsonFields? privacy)
    {
        if (!File.Exists(file))
        {
            return new LedgerState(false, "The ledger (ledger.jsonl) is missing, so nothing shows which steps were taken.", null, 0);
        }

        try
        {
            LedgerContent content = LedgerContent.Read(file);
            string? stated = privacy?.Text("ledgerHash");
            long steps = content.Steps * (content.Plan["stepsPerEvent"]?.GetValue<long>() ?? 1); // an event is a whole epoch for shuffled batches
            string? problem = stated is null ? "The privacy statement names no ledger."
                : !string.Equals(stated, content.Hash, StringComparison.OrdinalIgnoreCase) ? "The ledger is not the one that the privacy statement names: their hashes differ."
                : privacy?.Number("steps") > steps ? $"The statement counts {privacy.Number("steps"):0} steps, the ledger only {steps}."
                : null;
            return new LedgerState(problem is null, problem, content.Hash, steps);
        }
        catch (LedgerException e)
        {
            return new LedgerState(false, $"The ledger does not verify: {e.Message}", null, 0);
        }
    }
}
