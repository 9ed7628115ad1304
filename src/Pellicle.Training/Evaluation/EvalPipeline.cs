using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using CsvHelper;
using Pellicle.Core.Errors;
using Pellicle.Core.Files;
using Pellicle.Data;
using Pellicle.Training.Metrics;
using Pellicle.Training.Runs;

namespace Pellicle.Training.Evaluation;

/// <summary>Open the run → predict the split → metrics with intervals → metrics by group → write into the run folder.</summary>
public sealed class EvalPipeline
{
    /// <summary>Evaluates a run on a split.</summary>
    /// <param name="request">Run, split and options.</param>
    /// <param name="cancellation">Checked between batches.</param>
    /// <exception cref="DataFormatException">The run or the data cannot be used, or the split is empty.</exception>
    /// <exception cref="UsageException">An attribute is not known.</exception>
    [SuppressMessage("Performance", "CA1822", Justification = "Pipelines are objects, so that all commands use them alike.")]
    public EvalResult Run(EvalRequest request, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        using LoadedRun run = LoadedRun.Open(request.RunFolder, request.Threads, request.DataSource, request.OpenEncoder);
        IReadOnlyList<int> records = run.Dataset.RequireSplit(request.Split);
        Dictionary<string, IReadOnlyList<string?>> attributes = request.By.ToDictionary(name => name, name => ValuesOf(run.Dataset, name, records));
        LabelledPredictions predictions = run.Predict(records, cancellation);
        var options = new MetricsOptions { Threshold = request.Threshold, BootstrapReplicates = request.Bootstrap, Interval = request.Interval, Seed = run.Config.Seed };
        string file = run.Folder.PredictionsFile(request.Split);
        WritePredictions(file, run, records, predictions);
        var result = new EvalResult
        {
            RunDir = request.RunFolder,
            Split = request.Split,
            Classes = run.Metadata.Classes,
            Metrics = ClassificationMetrics.Compute(predictions, options),
            Threshold = request.Threshold,
            Bootstrap = BootstrapSummary.Of(predictions, options),
            Groups = [.. attributes.SelectMany(a => GroupMetrics.ByAttribute(predictions, a.Key, a.Value, options))],
            CoveredByGuarantee = false,
            PredictionsFile = file,
        };
        RunFolder.WriteJson(run.Folder.EvaluationFile(request.Split), result);
        return result;
    }

    private static IReadOnlyList<string?> ValuesOf(ImageDataset dataset, string attribute, IReadOnlyList<int> records)
    {
        IReadOnlyList<string> column = dataset.ColumnValues(attribute)
            ?? throw new UsageException(
                $"--by names '{attribute}', which is no column of {dataset.Source}. Its columns: {(dataset.Columns.Count == 0 ? "none" : string.Join(", ", dataset.Columns))}.",
                "Name one of them, or leave --by out.");
        return [.. records.Select(r => column[r])];
    }

    private static void WritePredictions(string file, LoadedRun run, IReadOnlyList<int> records, LabelledPredictions predictions) =>
        AtomicFile.Write(file, stream =>
        {
            using var csv = new CsvWriter(new StreamWriter(stream, leaveOpen: true), CultureInfo.InvariantCulture, leaveOpen: false);
            foreach (string header in run.Metadata.Classes.Select(c => "p_" + c).Prepend("label").Prepend("file"))
            {
                csv.WriteField(header);
            }

            csv.NextRecord();
            for (int i = 0; i < records.Count; i++)
            {
                csv.WriteField(run.Dataset.Records[records[i]].File);
                csv.WriteField(run.Metadata.Classes[predictions.Labels[i]]);
                for (int k = 0; k < predictions.Classes; k++)
                {
                    csv.WriteField(predictions.Probability(i, k).ToString("R", CultureInfo.InvariantCulture));
                }

                csv.NextRecord();
            }
        });
}
