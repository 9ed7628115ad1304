using System.Text.Json;
using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Formats.Json;
using Pellicle.Formats.Safetensors;
using Pellicle.Nn;

namespace Pellicle.Models;

/// <summary>Weights in safetensors files: saving, loading again, and taking over public weights.</summary>
public sealed partial class ImageClassifier
{
    private const string SpecKey = "pellicle.spec";

    private static readonly string[] HeadNames = ["head.", "fc.", "fc2.", "classifier.head."];

    /// <summary>Builds the network that a saved file describes, and loads it.</summary>
    /// <param name="path">Written by <see cref="Save"/>.</param>
    /// <exception cref="DataFormatException">The file has no description, or does not fit it.</exception>
    public static ImageClassifier Open(string path)
    {
        ModelSpec spec;
        using (SafetensorsFile file = SafetensorsFile.Read(path))
        {
            spec = ReadSpec(file, path);
        }

        ImageClassifier model = ModelCatalog.Create(spec, new SeededRandom(0));
        try
        {
            model.Load(path);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Writes all parameters, statistics included, and the description of the network.</summary>
    /// <param name="path">A .safetensors file; replaced atomically.</param>
    /// <param name="metadata">More entries of the header.</param>
    public void Save(string path, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var all = new Dictionary<string, string>(metadata ?? new Dictionary<string, string>())
        {
            [SpecKey] = JsonSerializer.Serialize(Spec, PellicleJson.Line),
            ["format"] = "pt",
        };
        SafetensorsFile.Write(path, Parameters.Select(parameter => NamedArray.Of(parameter.Name, parameter.Shape, parameter.Value.ToArray<float>())), all);
    }

    /// <summary>Loads what <see cref="Save"/> wrote for the same network: every parameter must be there in the same shape.</summary>
    /// <param name="path">A .safetensors file.</param>
    /// <exception cref="DataFormatException">Lists every tensor that is missing or has another shape; nothing is changed then.</exception>
    public void Load(string path)
    {
        using SafetensorsFile file = SafetensorsFile.Read(path);
        var problems = new List<Problem>();
        foreach (Parameter parameter in Parameters)
        {
            if (!file.Entries.TryGetValue(parameter.Name, out SafetensorsEntry? entry))
            {
                problems.Add(new Problem(parameter.Name, $"'{path}' has no tensor '{parameter.Name}'.", "Use the weights of the same network."));
            }
            else if (!parameter.Shape.SequenceEqual(entry.Shape))
            {
                problems.Add(new Problem(
                    parameter.Name,
                    $"'{path}': tensor '{parameter.Name}' has shape [{string.Join(", ", entry.Shape)}], expected [{string.Join(", ", parameter.Shape)}].",
                    "Use the weights of the same network."));
            }
        }

        if (problems.Count > 0)
        {
            throw new DataFormatException(problems[0].Message, problems[0].Hint, problems);
        }

        foreach (Parameter parameter in Parameters)
        {
            file.ReadFloats(parameter.Name, parameter.Value.Data<float>());
        }
    }

    /// <summary>Takes over public weights with timm's or torchvision's names, as far as they fit.</summary>
    /// <param name="path">A .safetensors file.</param>
    /// <returns>What was loaded, what was left, what was changed. A head for another number of classes keeps its initial values.</returns>
    /// <exception cref="DataFormatException">Not one tensor fits.</exception>
    public WeightImport Import(string path)
    {
        using SafetensorsFile file = SafetensorsFile.Read(path);
        bool isTorchvision = WeightNames.IsTorchvisionTransformer(file.Entries.Keys) || Spec.PatchSize is null;
        var parameters = Parameters.ToDictionary(parameter => parameter.Name);
        var loaded = new List<string>();
        var unmatched = new List<string>();
        var notes = new List<string>();
        foreach ((string name, SafetensorsEntry entry) in file.Entries)
        {
            string ours = Spec.PatchSize is not null && isTorchvision ? WeightNames.FromTorchvisionTransformer(name) : name;
            if (!parameters.TryGetValue(ours, out Parameter? parameter))
            {
                if (!name.EndsWith(".num_batches_tracked", StringComparison.Ordinal)) // a counter of torch's batch normalisation, no weight
                {
                    unmatched.Add(name);
                }
            }
            else if (WeightFitting.Fit(parameter, file.ReadFloats(name), entry.Shape, out string? note) is { } values)
            {
                values.CopyTo(parameter.Value.Data<float>());
                loaded.Add(ours);
                if (note is not null)
                {
                    notes.Add(note);
                }
            }
            else
            {
                unmatched.Add(name);
                notes.Add(Misfit(parameter, name, entry.Shape));
            }
        }

        if (unmatched.Any(name => name.EndsWith(".running_var", StringComparison.Ordinal)))
        {
            notes.Add($"the file has running statistics of batch normalisation, which {Spec.Name} cannot use; --model resnet18 --replace-batch-norm group carries them over");
        }

        if (loaded.Count == 0)
        {
            throw new DataFormatException(
                $"'{path}' has no tensor that fits {Spec.Name}; its first is '{file.Entries.Keys.FirstOrDefault()}'. Expected names as in timm or torchvision, such as '{Parameters[0].Name}'.",
                "Choose the network that the weights belong to (--model).");
        }

        return new WeightImport(path, isTorchvision ? "torchvision" : "timm", loaded, [.. parameters.Keys.Except(loaded)], unmatched, notes);
    }

    private static string Misfit(Parameter parameter, string name, long[] shape) =>
        HeadNames.Any(head => parameter.Name.StartsWith(head, StringComparison.Ordinal))
            ? $"{parameter.Name}: the head is for another number of classes ({shape[0]}, not {parameter.Shape[0]}); it starts anew"
            : $"{name}: shape [{string.Join(", ", shape)}] does not fit [{string.Join(", ", parameter.Shape)}]";

    private static ModelSpec ReadSpec(SafetensorsFile file, string path)
    {
        const string Hint = "Use a model folder or file that train wrote, or import public weights with --weights.";
        if (!file.Metadata.TryGetValue(SpecKey, out string? text))
        {
            throw new DataFormatException($"'{path}' does not say which network it belongs to (no '{SpecKey}' in its header).", Hint);
        }

        try
        {
            return JsonSerializer.Deserialize<ModelSpec>(text, PellicleJson.Line)!;
        }
        catch (JsonException e)
        {
            throw new DataFormatException($"'{path}': '{SpecKey}' in its header cannot be read: {e.Message}", Hint, inner: e);
        }
    }
}
