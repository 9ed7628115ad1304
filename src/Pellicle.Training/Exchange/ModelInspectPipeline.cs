using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Formats.Onnx;
using Pellicle.Formats.Safetensors;
using Pellicle.Models;
using Pellicle.Training.Runs;

namespace Pellicle.Training.Exchange;

/// <summary>Recognise the file → list what it holds → match it with a network, if one is known.</summary>
/// <param name="judge">Tells why a graph cannot be predicted under encryption; empty if it can.</param>
public sealed class ModelInspectPipeline(Func<OnnxModel, IReadOnlyList<Problem>> judge)
{
    /// <summary>Inspects a model.</summary>
    /// <param name="path">An ONNX file, a safetensors file, a run folder or a model folder.</param>
    /// <param name="network">Catalog name to match safetensors with; null takes the one the file names.</param>
    /// <exception cref="DataFormatException">The file cannot be used.</exception>
    public ModelInspection Run(string path, string? network)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (path.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase))
        {
            return OfOnnx(path, OnnxFile.Read(path));
        }

        if (!Directory.Exists(path))
        {
            return OfSafetensors(path, "safetensors", ForeignWeights.Require(path), network, null);
        }

        (string folder, ModelMetadata metadata) = ModelFolder.Find(path);
        ExportStatement statement = ExportStatement.Of(folder, metadata);
        return OfSafetensors(path, "run", Path.Combine(folder, "model.safetensors"), metadata.Spec.Name, metadata.Spec) with { Metadata = statement.ToMetadata(metadata) };
    }

    private ModelInspection OfOnnx(string path, OnnxModel model)
    {
        IReadOnlyList<OperatorCount> operators = OperatorCount.Of(model);
        IReadOnlyList<Problem> problems = judge(model);
        return new ModelInspection
        {
            File = path,
            Kind = "onnx",
            Model = model.Metadata.GetValueOrDefault("pellicle.model"),
            Parameters = model.Graph.Initializers.Values.Where(tensor => tensor.IsFloating).Sum(tensor => (long)tensor.Count),
            Opset = model.Opset,
            Operators = operators,
            MpcReady = problems.Count == 0 && operators.All(entry => entry.IsKnown),
            MpcProblems = problems,
            Inputs = [.. model.Graph.Inputs.Select(value => new NamedShape(value.Name, value.Shape))],
            Outputs = [.. model.Graph.Outputs.Select(value => new NamedShape(value.Name, value.Shape))],
            Metadata = model.Metadata,
        };
    }

    private static ModelInspection OfSafetensors(string path, string kind, string weights, string? network, ModelSpec? spec)
    {
        using SafetensorsFile file = SafetensorsFile.Read(weights);
        spec ??= network is null ? ForeignWeights.OwnSpec(file) : ForeignWeights.Guess(file, network, null);
        Dictionary<string, string> ours = [];
        WeightImport? import = null;
        if (spec is not null)
        {
            using ImageClassifier model = ModelCatalog.Create(spec, new SeededRandom(0));
            import = model.Import(weights);
            HashSet<string> unmatched = [.. import.Unmatched];
            string[] matched = [.. file.Entries.Keys.Where(key => !unmatched.Contains(key))];
            ours = matched.Zip(import.Loaded).ToDictionary(pair => pair.First, pair => pair.Second);
        }

        return new ModelInspection
        {
            File = path,
            Kind = kind,
            Model = spec?.Name,
            Parameters = file.Entries.Values.Sum(entry => entry.ElementCount),
            Keys = [.. file.Entries.Select(entry => new KeyMapping(entry.Key, entry.Value.Shape, entry.Value.DType, ours.GetValueOrDefault(entry.Key)))],
            UnmatchedKeys = import?.Unmatched ?? [],
            MissingKeys = import?.Missing ?? [],
            Notes = import?.Notes ?? [],
            Metadata = file.Metadata,
        };
    }
}
