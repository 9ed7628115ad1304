using System.Text.Json;
using Pellicle.Core.Errors;
using Pellicle.Data;
using Pellicle.Formats.Json;
using Pellicle.Formats.Onnx;

namespace Pellicle.Training.Exchange;

/// <summary>What an ONNX file says about its input and output: kept as named texts inside the file, so that it cannot be lost.</summary>
/// <remarks>The graph takes images that are already normalised, (value in 0..1 − mean) / std, planes in the order R, G, B: an encrypted prediction normalises at the client.</remarks>
/// <param name="ImageSize">Pixels on a side of the square input.</param>
/// <param name="Channels">1 or 3.</param>
/// <param name="Mean">One a channel.</param>
/// <param name="Std">One a channel, above 0.</param>
/// <param name="Classes">Names in the order of the logits.</param>
public sealed record OnnxContract(int ImageSize, int Channels, IReadOnlyList<float> Mean, IReadOnlyList<float> Std, IReadOnlyList<string> Classes)
{
    private const string MeanKey = "pellicle.mean";
    private const string StdKey = "pellicle.std";
    private const string ClassesKey = "pellicle.classes";
    private const string InputKey = "pellicle.input";
    private const string WindowKey = "pellicle.dicomWindow";

    /// <summary>Window of DICOM images: auto, full, or CENTRE,WIDTH.</summary>
    public string Window { get; init; } = "auto";

    /// <summary>True if a file says how pictures become its input and what its outputs are called.</summary>
    /// <param name="model">The model.</param>
    public static bool IsIn(OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model.Metadata.ContainsKey(MeanKey) && model.Metadata.ContainsKey(StdKey) && model.Metadata.ContainsKey(ClassesKey);
    }

    /// <summary>Reads the contract of a file.</summary>
    /// <param name="model">The model; its input must be [N, C, S, S].</param>
    /// <param name="path">Name for messages.</param>
    /// <exception cref="DataFormatException">The file does not say how pictures become its input.</exception>
    public static OnnxContract Read(OnnxModel model, string path)
    {
        if (!IsIn(model))
        {
            throw new DataFormatException(
                $"'{path}' does not say how pictures become its input and what its outputs are called (no '{MeanKey}', '{StdKey}', '{ClassesKey}' in its metadata).",
                "Add them: pellicle model import FILE --classes A,B --mean 0.5,0.5,0.5 --std 0.5,0.5,0.5 --out NEW.onnx");
        }

        return Checked(model, path, Parse<float[]>(model, path, MeanKey), Parse<float[]>(model, path, StdKey), Parse<string[]>(model, path, ClassesKey)) with { Window = WindowOf(model, path) };
    }

    /// <summary>Checks given constants against a graph.</summary>
    /// <param name="model">The model; its input must be [N, C, S, S] and its output [N, K].</param>
    /// <param name="path">Name for messages.</param>
    /// <param name="mean">One a channel.</param>
    /// <param name="std">One a channel, above 0.</param>
    /// <param name="classes">One an output.</param>
    /// <exception cref="DataFormatException">They do not fit the graph.</exception>
    public static OnnxContract Checked(OnnxModel model, string path, IReadOnlyList<float> mean, IReadOnlyList<float> std, IReadOnlyList<string> classes)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(mean);
        ArgumentNullException.ThrowIfNull(std);
        ArgumentNullException.ThrowIfNull(classes);
        if (model.Graph.Inputs is not [{ Shape: { Count: 4 } shape }] || shape[2] != shape[3] || shape[2] < 1 || shape[1] is not (1 or 3))
        {
            throw new DataFormatException($"'{path}' has the inputs {string.Join(", ", model.Graph.Inputs.Select(i => $"{i.Name} [{string.Join(", ", i.Shape ?? [])}]"))}; expected one input [N, 1 or 3, S, S] of fixed size.", "Export the model for square pictures of one size.");
        }

        long outputs = model.Graph.Outputs[0].Shape is [_, var k] ? k : -1;
        bool fits = mean.Count == shape[1] && std.Count == shape[1] && std.All(s => s > 0 && float.IsFinite(s)) && mean.All(float.IsFinite) && classes.Count > 0 && (outputs < 0 || outputs == classes.Count);
        return fits
            ? new OnnxContract((int)shape[2], (int)shape[1], mean, std, classes)
            : throw new DataFormatException(
                $"'{path}' has {shape[1]} channels and {(outputs < 0 ? "an unknown number of" : outputs)} outputs; {mean.Count} means, {std.Count} deviations and {classes.Count} classes do not fit, or a deviation is not above 0.",
                "Give one mean and one deviation a channel and one class an output.");
    }

    /// <summary>The texts to keep in a file.</summary>
    public Dictionary<string, string> ToMetadata() => new()
    {
        [MeanKey] = JsonSerializer.Serialize(Mean, PellicleJson.Line),
        [StdKey] = JsonSerializer.Serialize(Std, PellicleJson.Line),
        [ClassesKey] = JsonSerializer.Serialize(Classes, PellicleJson.Line),
        [WindowKey] = Window,
        [InputKey] = $"[N, {Channels}, {ImageSize}, {ImageSize}] float32, {(Channels == 3 ? "planes R, G, B, " : "")}(value in 0..1 - mean) / std",
    };

    /// <summary>How to turn a picture into the input.</summary>
    public ImageTransform ToTransform() => new(ImageSize, Channels, [.. Mean], [.. Std]);

    private static string WindowOf(OnnxModel model, string path)
    {
        string window = model.Metadata.GetValueOrDefault(WindowKey, "auto");
        return DicomWindow.IsValid(window)
            ? window
            : throw new DataFormatException($"'{path}': '{WindowKey}' in its metadata is '{window}'; expected auto, full, or CENTRE,WIDTH.", "Export the model again.");
    }

    private static T Parse<T>(OnnxModel model, string path, string key)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(model.Metadata[key], PellicleJson.Line) ?? throw new JsonException("it is null");
        }
        catch (JsonException e)
        {
            throw new DataFormatException($"'{path}': '{key}' in its metadata cannot be read: {e.Message}", "Export the model again.", inner: e);
        }
    }
}
