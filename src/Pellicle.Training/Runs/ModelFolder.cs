using Pellicle.Core.Errors;
using Pellicle.Core.Files;
using Pellicle.Core.Random;
using Pellicle.Models;
using Pellicle.Training.Metrics;

namespace Pellicle.Training.Runs;

/// <summary>A trained model on disk: <c>model.safetensors</c>, <c>metadata.json</c>, <c>README.md</c>.</summary>
public static class ModelFolder
{
    private const string WeightsName = "model.safetensors";
    private const string MetadataName = "metadata.json";

    /// <summary>Writes a model.</summary>
    /// <param name="folder">Made if it does not exist.</param>
    /// <param name="model">The network.</param>
    /// <param name="metadata">Its description; the hash is filled in.</param>
    /// <param name="privacyParagraph">The statement that goes with it.</param>
    public static void Save(string folder, ImageClassifier model, ModelMetadata metadata, string privacyParagraph)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(metadata);
        string weights = Path.Combine(folder, WeightsName);
        Directory.CreateDirectory(folder);
        model.Save(weights);
        RunFolder.WriteJson(Path.Combine(folder, MetadataName), metadata with { WeightsSha256 = FileHash.Of(weights) });
        AtomicFile.WriteAllText(Path.Combine(folder, "README.md"), ModelReadme.Text(metadata, privacyParagraph));
    }

    /// <summary>Writes the README of a model anew, with what training knows at its end.</summary>
    /// <param name="folder">As <see cref="Save"/> made it.</param>
    /// <param name="privacyParagraph">The statement that goes with the model.</param>
    /// <param name="data">What it was trained on.</param>
    /// <param name="validation">Metrics on the validation split, or null.</param>
    /// <param name="test">Metrics on the test split, or null.</param>
    public static void Describe(string folder, string privacyParagraph, DataSummary data, ClassificationMetrics? validation, ClassificationMetrics? test) =>
        AtomicFile.WriteAllText(
            Path.Combine(folder, "README.md"),
            ModelReadme.Text(Find(folder).Metadata, privacyParagraph, data, ("validation", validation), ("test", test)));

    /// <summary>The weight file of a model folder.</summary>
    /// <param name="folder">As <see cref="Find"/> gives it.</param>
    public static string WeightsIn(string folder) => Path.Combine(folder, WeightsName);

    /// <summary>Reads the description of a model.</summary>
    /// <param name="path">A model folder, or a run folder with one inside.</param>
    /// <returns>The model folder and its description.</returns>
    /// <exception cref="DataFormatException">There is none, or it is damaged.</exception>
    public static (string Folder, ModelMetadata Metadata) Find(string path)
    {
        string[] candidates = [path, Path.Combine(path, "model")];
        string folder = Array.Find(candidates, c => File.Exists(Path.Combine(c, MetadataName)))
            ?? throw new DataFormatException($"'{path}' holds no model: there is no metadata.json in it or in its folder 'model'.", "Give a run folder of a finished run, or a model folder.");
        return (folder, RunFolder.ReadJson<ModelMetadata>(Path.Combine(folder, MetadataName)));
    }

    /// <summary>Loads a model.</summary>
    /// <param name="path">A model folder, or a run folder with one inside.</param>
    /// <returns>The network, to be disposed by the caller, and its description.</returns>
    /// <exception cref="DataFormatException">There is none, it is damaged, or the weights are not those of the description.</exception>
    public static (ImageClassifier Model, ModelMetadata Metadata) Load(string path)
    {
        (string folder, ModelMetadata metadata) = Find(path);
        string weights = Path.Combine(folder, WeightsName);
        if (!FileHash.Matches(weights, metadata.WeightsSha256))
        {
            throw new DataFormatException($"'{weights}' is missing or is not the file that metadata.json describes (SHA-256 differs).", "Restore the model folder as it was written.");
        }

        ImageClassifier model = ModelCatalog.Create(metadata.Spec, new SeededRandom(0));
        try
        {
            model.Load(weights);
            return (model, metadata);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }
}
