using System.Text.Json;
using System.Text.Json.Nodes;
using Pellicle.Formats.Json;
using Pellicle.Privacy.Clipping;
using Pellicle.Training;
using Pellicle.Training.Configuration;
using Pellicle.Training.Metrics;
using Pellicle.Training.Runs;

namespace Pellicle.Cli.Output;

/// <summary>The result of a training run for people.</summary>
internal static class TrainText
{
    public static void Write(TextWriter writer, TrainResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        string status = result.Status switch
        {
            RunStatus.Completed => "completed",
            RunStatus.StoppedByBudget => "stopped by the budget; the model is valid",
            RunStatus.Interrupted => "interrupted",
            _ => result.Status.ToString(),
        };
        writer.WriteLine($"{result.RunDir}: {status}, {result.Steps} of {result.PlannedSteps} steps ({ReadableNumber.Fixed(result.Epochs, 1)} epochs) in {ReadableNumber.Duration(result.SecondsTotal)}, {result.ImagesPerSecond:F0} images/s");
        writer.WriteLine($"  model       {result.Model.Name}, {result.Model.TrainableParameters} of {result.Model.Parameters} parameters trained, {result.Model.Classes.Count} classes");
        writer.WriteLine($"  data        {result.Data.Source}: {result.Data.NTrain} train, {result.Data.NValidation} validation, {result.Data.NTest} test{(result.Data.IsSynthetic ? " (SYNTHETIC – not patient data)" : "")}");
        writer.WriteLine($"  loss        {ReadableNumber.Fixed(result.FinalLoss, 4)}   clipped {ReadableNumber.Percent(result.ClippedFraction)}   empty batches {result.EmptyBatches}");
        WriteMetrics(writer, "validation", result.Validation);
        WriteMetrics(writer, "test", result.Test);
        foreach (GroupMetrics group in result.TestBySource.Concat(result.Retests))
        {
            WriteMetrics(writer, group.Value, group.Metrics);
        }

        PrivacyText.Write(writer, result.Privacy);
    }

    /// <summary>Writes what a run would do: settings with their origin, plan, layers.</summary>
    public static void WriteDryRun(TextWriter writer, TrainResult planned, LoadedConfig settings)
    {
        ArgumentNullException.ThrowIfNull(planned);
        ArgumentNullException.ThrowIfNull(settings);
        writer.WriteLine("settings");
        var table = new TextTable("key", "value", "origin");
        foreach (SettingRow row in settings.Rows())
        {
            table.Add(row.Key, row.Value ?? "–", row.Origin);
        }

        table.WriteTo(writer);
        writer.WriteLine("plan");
        writer.WriteLine($"  {planned.PlannedSteps} steps, {planned.Data.NTrain} training images ({planned.Data.NValidation} validation, {planned.Data.NTest} test), {planned.PhysicalBatchSize} images at once");
        writer.WriteLine($"  {planned.Model.Name}: {planned.Model.TrainableParameters} of {planned.Model.Parameters} parameters trained, {planned.Model.Classes.Count} classes: {string.Join(", ", planned.Model.Classes)}");
        if (planned.EstimatedSeconds is { } seconds)
        {
            writer.WriteLine($"  estimates: {ReadableNumber.Of(planned.SecondsPerStep)} s a step, {ReadableNumber.Duration(seconds)} in all, {ReadableNumber.Bytes(planned.PeakMemoryBytes)} of memory");
        }

        PrivacyText.Write(writer, planned.Privacy);
        writer.WriteLine("layers");
        var layers = new TextTable("layer", "kind", "method", ">tokens", ">in", ">out", ">parameters", ">trained");
        foreach (LayerPlanRow row in planned.LayerPlan)
        {
            layers.Add(row.Layer, row.Kind, row.Method.ToString(), $"{row.Tokens}", $"{row.InputWidth}", $"{row.OutputWidth}", $"{row.Parameters}", $"{row.TrainableParameters}");
        }

        layers.WriteTo(writer);
        writer.WriteLine("Nothing was trained (--dry-run).");
    }

    /// <summary>The planned run as JSON, with the effective settings and their origins beside the fields of <c>train</c>.</summary>
    public static JsonObject DryRunJson(TrainResult planned, LoadedConfig settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        JsonObject json = JsonSerializer.SerializeToNode(planned, PellicleJson.Indented)!.AsObject();
        json["settings"] = JsonSerializer.SerializeToNode(settings.Rows(), PellicleJson.Indented);
        return json;
    }

    private static void WriteMetrics(TextWriter writer, string split, Training.Metrics.ClassificationMetrics? metrics)
    {
        if (metrics is not null)
        {
            writer.WriteLine($"  {split,-11} accuracy {ReadableNumber.Fixed(metrics.Accuracy, 4)}   AUC {ReadableNumber.Fixed(metrics.Auc, 4)}   ({metrics.N} images, not covered by the guarantee)");
        }
    }
}
