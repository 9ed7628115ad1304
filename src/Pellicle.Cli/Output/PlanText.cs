using Pellicle.Privacy.Plan;

namespace Pellicle.Cli.Output;

/// <summary>A budget plan for people.</summary>
internal static class PlanText
{
    public static void Write(TextWriter writer, BudgetPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        writer.WriteLine(plan.SolvedFor switch
        {
            "noiseMultiplier" => $"noise multiplier {ReadableNumber.Fixed(plan.NoiseMultiplier, 4)}",
            "epochs" => $"{ReadableNumber.Fixed(plan.Epochs, 2)} epochs ({plan.Steps} steps)",
            _ => $"epsilon {ReadableNumber.Fixed(plan.Epsilon, 4)}",
        });
        PrivacyText.WriteGuarantee(writer, plan.Privacy);
        writer.WriteLine($"  n {plan.N}, expected batch {plan.ExpectedBatchSize}, sampling rate {ReadableNumber.Of(plan.SampleRate)}, {plan.Steps} steps ({ReadableNumber.Of(plan.Epochs)} epochs), noise multiplier {ReadableNumber.Fixed(plan.NoiseMultiplier, 4)}");
        if (plan.BestOrder is { } order)
        {
            writer.WriteLine($"  best order {ReadableNumber.Of(order)}{(plan.OrderAtEdge ? ", at the edge of the list: a wider list may give less" : "")}");
        }

        if (plan.SpentEpsilon is { } spent)
        {
            writer.WriteLine($"  of this, earlier runs spent epsilon {ReadableNumber.Fixed(spent, 4)}");
        }

        writer.WriteLine($"  for other budgets: {string.Join(", ", plan.Alternatives.Select(a => $"epsilon {ReadableNumber.Of(a.TargetEpsilon)} {(a.NoiseMultiplier is null ? "cannot be met" : $"needs noise {ReadableNumber.Fixed(a.NoiseMultiplier, 3)}")}"))}");
        if (plan.Table.Count > 0)
        {
            var table = new TextTable(">epochs", ">steps", ">target epsilon", ">noise multiplier", ">epsilon");
            foreach (PlanRow row in plan.Table)
            {
                table.Add(ReadableNumber.Of(row.Epochs), row.Steps.ToString(), ReadableNumber.Of(row.TargetEpsilon), ReadableNumber.Fixed(row.NoiseMultiplier, 3), ReadableNumber.Fixed(row.Epsilon, 3));
            }

            table.WriteTo(writer);
        }

        if (plan.Batches.Count > 0)
        {
            writer.WriteLine("  the same epochs and budget at other batch sizes:");
            var batches = new TextTable(">batch", ">steps", ">noise multiplier", ">noise on the mean gradient / bound");
            foreach (PlanBatch row in plan.Batches)
            {
                batches.Add(row.ExpectedBatchSize.ToString(), row.Steps.ToString(), ReadableNumber.Fixed(row.NoiseMultiplier, 3), ReadableNumber.Of(row.NoisePerUnit));
            }

            batches.WriteTo(writer);
        }

        foreach (string note in plan.Notes)
        {
            writer.WriteLine("  note: " + note);
        }

        writer.WriteLine();
        writer.WriteLine(plan.Privacy.Statement);
    }
}
