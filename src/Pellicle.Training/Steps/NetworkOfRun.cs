using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Models;
using Pellicle.Nn;
using Pellicle.Training.Configuration;

namespace Pellicle.Training.Steps;

/// <summary>Builds the network of a run: initial values → public weights → batch normalisation replaced → trained part chosen → layers frozen.</summary>
internal static class NetworkOfRun
{
    private const int DefaultLoraRank = 8;

    public static ImageClassifier Build(ModelSection section, string? weightsFile, ModelOptions options, ISeededRandom init, ITrainingObserver observer)
    {
        ImageClassifier model = ModelCatalog.Create(section.Name, options, init.Derive("init"));
        try
        {
            if (weightsFile is not null)
            {
                Import(model, weightsFile, observer);
            }

            model = ReplaceBatchNorm(model, section.ReplaceBatchNorm, observer);
            model.TrainOnly(section.TrainOnly, section.LoraRank ?? DefaultLoraRank, init.Derive("lora"));
            foreach (string path in section.Freeze)
            {
                Freeze(model, path);
            }

            if (model.TrainableParameterCount == 0)
            {
                throw new UsageException("no parameter is left to train: --train-only and --freeze together freeze everything.", "Freeze less.");
            }

            if (model.TrainableParameterCount < model.ParameterCount)
            {
                observer.Note(Trained(model));
            }

            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private static void Import(ImageClassifier model, string weights, ITrainingObserver observer)
    {
        WeightImport import = model.Import(weights);
        observer.Note($"{import.Loaded.Count} of {model.Parameters.Count} tensors taken from {weights} ({import.Layout} names), {import.Missing.Count} start anew, {import.Unmatched.Count} of the file not used");
        foreach (string note in import.Notes)
        {
            observer.Note(note);
        }
    }

    private static ImageClassifier ReplaceBatchNorm(ImageClassifier model, BatchNormReplacement replacement, ITrainingObserver observer)
    {
        BatchNorm2d[] norms = [.. model.Root.Tree().OfType<BatchNorm2d>()];
        if (replacement == BatchNormReplacement.None)
        {
            return model;
        }

        if (norms.Length == 0)
        {
            observer.Note($"{model.Spec.Name} has no batch normalisation: --replace-batch-norm changes nothing");
            return model;
        }

        if (replacement == BatchNormReplacement.Fixed)
        {
            Array.ForEach(norms, norm => norm.UseFixedStatistics = true);
            observer.Note($"{norms.Length} layers of batch normalisation keep their stored statistics in training");
            return model;
        }

        ImageClassifier converted = BatchNormConversion.ToGroupNorm(model);
        observer.Note($"{norms.Length} layers of batch normalisation became group normalisation; scale, shift and running statistics were carried over ({model.Spec.Name} is now {converted.Spec.Name})");
        model.Dispose();
        return converted;
    }

    private static void Freeze(ImageClassifier model, string path)
    {
        if (model.Root.ParametersAt(path).Count == 0)
        {
            throw new UsageException($"--freeze names '{path}', which is no layer or parameter of {model.Spec.Name}.", "See the paths with --dry-run.");
        }

        model.Root.Freeze(path);
    }

    private static string Trained(ImageClassifier model)
    {
        string[] layers = [.. model.Root.Tree().Where(layer => layer.IsTrainable).Select(layer => layer.DisplayName)];
        string listed = layers.Length <= 6 ? string.Join(", ", layers) : $"{string.Join(", ", layers.Take(3))}, … {layers[^1]} ({layers.Length} layers)";
        return $"trained are {model.TrainableParameterCount} of {model.ParameterCount} parameters: {listed}";
    }
}
