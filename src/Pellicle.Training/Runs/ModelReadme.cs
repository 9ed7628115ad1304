using System.Globalization;
using System.Text;
using Pellicle.Training.Metrics;

namespace Pellicle.Training.Runs;

/// <summary>Text of <c>model/README.md</c>: what someone needs who gets the model folder and nothing else.</summary>
internal static class ModelReadme
{
    /// <summary>Writes the text.</summary>
    /// <param name="metadata">The model.</param>
    /// <param name="privacyParagraph">Its privacy statement.</param>
    /// <param name="data">What it was trained on; null if not known here.</param>
    /// <param name="measured">Metrics at the end of training, by split; nulls are left out.</param>
    public static string Text(ModelMetadata metadata, string privacyParagraph, DataSummary? data = null, params IReadOnlyList<(string Split, ClassificationMetrics? Metrics)> measured)
    {
        var text = new StringBuilder();
        void Add(string paragraph) => text.Append(paragraph).Append("\n\n");
        int size = metadata.Spec.ImageSize;
        Add($"# {metadata.Spec.Name}, {metadata.Classes.Count} classes");
        if (metadata.IsSynthetic)
        {
            Add("SYNTHETIC – not patient data. Trained on procedural images.");
        }

        Add($"For {metadata.Use}. Not for diagnosis, treatment or any other clinical decision.");
        Add("## Input and output");
        Add((metadata.Mean.Count == 0
                ? $"Input: an encoding of {string.Join(" x ", metadata.Spec.InputShape)} numbers, made from a picture with a secret key. Encodings are obfuscated, not anonymous and not encrypted.\n"
                : $"Input: {metadata.Spec.Channels} x {size} x {size}, (value in 0..1 - mean) / std with mean [{string.Join(", ", metadata.Mean)}] and std [{string.Join(", ", metadata.Std)}].\n")
            + $"Output: one logit a class, in this order: {string.Join(", ", metadata.Classes)}.\n`pellicle predict FOLDER IMAGE` does both.");
        Add("## Training data");
        Add(data is null
            ? "Not recorded here."
            : $"{Path.GetFileName(data.Source)}: {Count(data.NTrain)} images for training{(data.Patients is { } patients ? $" of {Count(patients)} patients" : "")}, {Count(data.NValidation)} for validation, {Count(data.NTest)} for testing.");
        Add("## Privacy");
        Add(privacyParagraph);
        Add("## Metrics at the end of training");
        string[] lines = [.. measured.Where(m => m.Metrics is not null).Select(m => Line(m.Split, m.Metrics!))];
        Add(lines.Length == 0 ? "Not measured." : string.Join('\n', lines) + "\n\nIntervals: 95 %, bootstrap. Computed from images outside the guarantee of training. By group: `pellicle eval RUN --by COLUMN`.");
        Add("## Limits");
        Add("- Metrics hold for images like those evaluated; other scanners, sites and populations may differ.\n"
            + "- Differential privacy, where stated above, bounds what the model reveals about one unit. It says nothing about fairness or correctness, and whether the model still holds personal data in the sense of a law is for the site to judge.\n"
            + "- `pellicle report RUN --card` writes the full model card, with groups and audit.");
        return text.ToString().TrimEnd() + "\n";
    }

    private static string Line(string split, ClassificationMetrics m) =>
        $"- {split}, {Count(m.N)} images: AUC {Figure(m.Auc, m.Intervals.Auc)}, accuracy {Figure(m.Accuracy, m.Intervals.Accuracy)}, balanced accuracy {Figure(m.BalancedAccuracy, m.Intervals.BalancedAccuracy)}";

    private static string Figure(double? value, Interval? interval) =>
        value is not { } v ? "–" : interval is { } i ? string.Create(CultureInfo.InvariantCulture, $"{v:0.000} [{i.Low:0.000}, {i.High:0.000}]") : v.ToString("0.000", CultureInfo.InvariantCulture);

    private static string Count(int value) => value.ToString("#,0", CultureInfo.InvariantCulture);
}
