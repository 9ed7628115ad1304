using System.Diagnostics.CodeAnalysis;
using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Formats.Onnx;
using Pellicle.Formats.Onnx.Execution;
using Pellicle.Formats.Safetensors;
using Pellicle.Models;
using Pellicle.Native;
using Pellicle.Training.Runs;

namespace Pellicle.Training.Exchange;

/// <summary>Recognise the file → find the sizes → take over the weights → write a model folder; for ONNX: check → add the contract of input and output → write.</summary>
public sealed class ModelImportPipeline
{
    private const string Statement = "Imported weights: Pellicle did not train them and states nothing about the privacy of their training data.";

    /// <summary>Imports a model.</summary>
    /// <param name="request">File, network, destination.</param>
    /// <exception cref="DataFormatException">The file cannot be used, or does not fit.</exception>
    /// <exception cref="UsageException">The destination exists, or an option does not apply.</exception>
    [SuppressMessage("Performance", "CA1822", Justification = "Pipelines are objects, so that all commands use them alike.")]
    public ModelImportResult Run(ModelImportRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (Directory.Exists(request.Out) || File.Exists(request.Out))
        {
            throw new UsageException($"'{request.Out}' exists already; an import never overwrites.", "Give another --out.");
        }

        NativeRuntime.Start(request.Threads);
        return request.File.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase) ? Annotate(request) : TakeOver(request);
    }

    private static ModelImportResult Annotate(ModelImportRequest request)
    {
        if (request.As is not null || request.ImageSize is not null)
        {
            throw new UsageException("--as and --image-size do not apply to an ONNX file: it brings its own graph.", "Leave them out.");
        }

        OnnxModel model = OnnxFile.Read(request.File);
        _ = new OnnxExecutor(model);
        OnnxContract contract = request is { Mean: { } mean, Std: { } std, Classes: { } classes }
            ? OnnxContract.Checked(model, request.File, mean, std, classes)
            : OnnxContract.Read(model, request.File);
        var texts = new Dictionary<string, string>(model.Metadata);
        texts.TryAdd("pellicle.privacyStatement", Statement);
        foreach ((string key, string value) in contract.ToMetadata())
        {
            texts[key] = value;
        }

        OnnxFile.Write(request.Out, model with { Metadata = texts });
        return new ModelImportResult
        {
            File = request.File,
            Out = request.Out,
            Model = null,
            Parameters = model.Graph.Initializers.Values.Where(tensor => tensor.IsFloating).Sum(tensor => (long)tensor.Count),
            Classes = contract.Classes,
            ImageSize = contract.ImageSize,
            Mean = contract.Mean,
            Std = contract.Std,
            UnmatchedKeys = [],
            MissingKeys = [],
            Notes = [],
        };
    }

    private static ModelImportResult TakeOver(ModelImportRequest request)
    {
        ModelSpec spec;
        using (SafetensorsFile file = SafetensorsFile.Read(ForeignWeights.Require(request.File)))
        {
            spec = request.As is { } network
                ? ForeignWeights.Guess(file, network, request.ImageSize)
                : ForeignWeights.OwnSpec(file) ?? throw new UsageException($"'{request.File}' does not name its network.", $"Name it: --as {string.Join("|", ModelCatalog.Names)}");
        }

        using ImageClassifier model = ModelCatalog.Create(spec, new SeededRandom(0));
        WeightImport import = model.Import(request.File);
        string[] missing = [.. import.Missing];
        if (missing.Length > 0)
        {
            throw new DataFormatException(
                $"'{request.File}' lacks {missing.Length} parameters of {spec.Name}, the first '{missing[0]}'; a model folder must be complete.",
                "Use the file as initial weights instead (train --weights), or name the right network with --as.",
                [.. missing.Select(name => new Problem(name, $"no tensor of the file fits '{name}'.", "Use the weights of the same network."))]);
        }

        bool isCentred = import.Layout == "timm" && spec.PatchSize is not null;
        float[] mean = [.. request.Mean ?? Constants(spec.Channels, isCentred, [0.485f, 0.456f, 0.406f])];
        float[] std = [.. request.Std ?? Constants(spec.Channels, isCentred, [0.229f, 0.224f, 0.225f])];
        string[] classes = [.. request.Classes ?? [.. Enumerable.Range(0, spec.Classes).Select(k => $"class{k}")]];
        if (classes.Length != spec.Classes || mean.Length != spec.Channels || std.Length != spec.Channels || std.Any(s => !(s > 0)))
        {
            throw new UsageException(
                $"the network has {spec.Classes} classes and {spec.Channels} channels; {classes.Length} names, {mean.Length} means and {std.Length} deviations do not fit, or a deviation is not above 0.",
                "Give one class name an output, one mean and one deviation a channel.");
        }

        List<string> notes = [.. import.Notes];
        if (request.Mean is null || request.Std is null)
        {
            notes.Add($"input assumed as (value - mean) / std with mean [{string.Join(", ", mean)}] and std [{string.Join(", ", std)}]; change it with --mean and --std");
        }

        ModelFolder.Save(
            request.Out,
            model,
            new ModelMetadata { Spec = spec, Classes = classes, Mean = mean, Std = std, Parameters = model.ParameterCount, WeightsSha256 = string.Empty, IsPrivate = false, IsSynthetic = false },
            Statement);
        return new ModelImportResult
        {
            File = request.File,
            Out = request.Out,
            Model = spec.Name,
            Parameters = model.ParameterCount,
            Classes = classes,
            ImageSize = spec.ImageSize,
            Mean = mean,
            Std = std,
            UnmatchedKeys = import.Unmatched,
            MissingKeys = missing,
            Notes = notes,
        };
    }

    private static float[] Constants(int channels, bool isCentred, float[] imageNet) =>
        isCentred ? [.. Enumerable.Repeat(0.5f, channels)] : channels == 3 ? imageNet : [.. Enumerable.Repeat(imageNet.Average(), channels)];
}
