using Pellicle.Training.Evaluation;
using Pellicle.Training.Metrics;

namespace Pellicle.Cli.Output;

/// <summary>The result of an evaluation for people.</summary>
internal static class EvalText
{
    public static void Write(TextWriter writer, EvalResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        ClassificationMetrics m = result.Metrics;
        writer.WriteLine($"{result.RunDir}, {result.Split} split, {m.N} images");
        writer.WriteLine($"  accuracy           {ReadableNumber.Fixed(m.Accuracy, 4)} {Of(m.Intervals.Accuracy)}");
        writer.WriteLine($"  balanced accuracy  {ReadableNumber.Fixed(m.BalancedAccuracy, 4)} {Of(m.Intervals.BalancedAccuracy)}");
        writer.WriteLine($"  AUC                {ReadableNumber.Fixed(m.Auc, 4)} {Of(m.Intervals.Auc)}");
        writer.WriteLine($"  average precision  {ReadableNumber.Fixed(m.Auprc, 4)}   macro F1 {ReadableNumber.Fixed(m.MacroF1, 4)}   kappa {ReadableNumber.Fixed(m.Kappa, 4)}");
        writer.WriteLine($"  loss               {ReadableNumber.Fixed(m.Loss, 4)}   Brier {ReadableNumber.Fixed(m.Brier, 4)}   calibration error {ReadableNumber.Fixed(m.Ece, 4)}");
        WriteConfusion(writer, result);
        if (result.Groups.Count > 0)
        {
            var groups = new TextTable("group", ">images", ">accuracy", ">AUC", "95 % interval of the AUC");
            foreach (GroupMetrics group in result.Groups)
            {
                groups.Add($"{group.Attribute} {group.Value}", group.Metrics.N.ToString(), ReadableNumber.Fixed(group.Metrics.Accuracy, 4), ReadableNumber.Fixed(group.Metrics.Auc, 4), Of(group.Metrics.Intervals.Auc));
            }

            groups.WriteTo(writer);
        }

        writer.WriteLine($"predictions (private data): {result.PredictionsFile}");
        writer.WriteLine("These figures are not covered by the privacy guarantee. Research use, not a medical device.");
    }

    private static void WriteConfusion(TextWriter writer, EvalResult result)
    {
        if (result.Classes.Count > 12)
        {
            return;
        }

        var table = new TextTable(["truth \\ predicted", .. result.Classes.Select(name => ">" + name)]);
        for (int row = 0; row < result.Classes.Count; row++)
        {
            table.Add([result.Classes[row], .. result.Metrics.Confusion[row].Select(count => count.ToString())]);
        }

        table.WriteTo(writer);
    }

    private static string Of(Interval? interval) => interval is { } i ? $"[{ReadableNumber.Fixed(i.Low, 4)}, {ReadableNumber.Fixed(i.High, 4)}]" : "";
}
