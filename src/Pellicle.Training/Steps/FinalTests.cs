using Pellicle.Core.Errors;
using Pellicle.Data;
using Pellicle.Training.Configuration;
using Pellicle.Training.Evaluation;
using Pellicle.Training.Metrics;
using Pellicle.Training.Runs;

namespace Pellicle.Training.Steps;

/// <summary>What a finished model does on the test images of each hospital, and of sources it was not trained on.</summary>
internal static class FinalTests
{
    /// <summary>Metrics by hospital of merged releases; empty for other data.</summary>
    public static IReadOnlyList<GroupMetrics> BySource(TrainSetup setup)
    {
        IReadOnlyList<string> sources = setup.Data.Dataset.Encodings?.Sources ?? [];
        IReadOnlyList<int> records = setup.Data.Dataset.IndicesOf(SplitName.Test);
        if (sources.Count == 0 || records.Count == 0)
        {
            return [];
        }

        LabelledPredictions predictions = new ModelEvaluator(setup.Model).Predict(setup.Data.Loader, setup.Data.Dataset, records);
        return GroupMetrics.ByAttribute(predictions, "source", [.. records.Select(record => sources[setup.Data.Dataset.SourceOf(record)])], Options(setup));
    }

    /// <summary>Metrics on the test split of the sources that the settings name.</summary>
    /// <exception cref="PellicleException">A source cannot be read, or gives inputs of another shape.</exception>
    public static IReadOnlyList<GroupMetrics> OfOtherSources(TrainSetup setup, Func<TrainConfig, IPictureEncoder>? openEncoder) =>
        [.. setup.Config.Data.Retest.Select(entry => Retest(setup, entry[..entry.IndexOf('=', StringComparison.Ordinal)], entry[(entry.IndexOf('=', StringComparison.Ordinal) + 1)..], openEncoder))];

    private static GroupMetrics Retest(TrainSetup setup, string name, string source, Func<TrainConfig, IPictureEncoder>? openEncoder)
    {
        TrainConfig config = setup.Config;
        using ImageDataset dataset = ImageDataset.Open(source, RunConfig.DatasetOptions(config) with { Classes = setup.Data.Dataset.Classes, ForInspection = true });
        int threads = config.Data.LoaderThreads ?? Environment.ProcessorCount;
        using RunInput input = RunInput.OfEncodings(dataset, config, openEncoder, threads) ?? RunInput.OfPictures(dataset, setup.Data.Transform!, new LoaderOptions { Threads = threads, CacheBytes = 0 });
        if (!input.Loader.Shape.SequenceEqual(setup.Model.Spec.InputShape))
        {
            throw new DataFormatException($"--retest {name}: '{source}' gives inputs of shape [{string.Join(", ", input.Loader.Shape)}]; the model takes [{string.Join(", ", setup.Model.Spec.InputShape)}].", "Name data like those the run was trained on; --source-tokens needs the same sources.");
        }

        LabelledPredictions predictions = new ModelEvaluator(setup.Model).Predict(input.Loader, dataset, dataset.RequireSplit(SplitName.Test));
        return new GroupMetrics("retest", name, ClassificationMetrics.Compute(predictions, Options(setup)));
    }

    private static MetricsOptions Options(TrainSetup setup) => new() { BootstrapReplicates = 1000, Seed = setup.Config.Seed };
}
