using System.CommandLine;
using System.Globalization;
using Pellicle.Cli.Parsing;
using Pellicle.Core.Errors;
using Pellicle.Models;
using Pellicle.Training.Exchange;

namespace Pellicle.Cli.Commands;

/// <summary><c>model import</c>: public weights as a model folder; an ONNX file with classes and normalisation inside.</summary>
internal sealed class ModelImportCommand : CliCommand
{
    private const string Numbers = "a comma-separated list of numbers";

    private readonly Argument<string?> _file = CliOption.Operand("FILE", "a safetensors or ONNX file");
    private readonly Option<string?> _network = CliOption.Choice("--as", "NAME", $"network of a safetensors file: {string.Join(", ", ModelCatalog.Names)}", [.. ModelCatalog.Names]);
    private readonly Option<string[]?> _classes = CliOption.List("--classes", "LIST", "names of the outputs, in order [class0,class1,...]", "a comma-separated list of names", _ => true);
    private readonly Option<int?> _imageSize = CliOption.Whole("--image-size", "PIXELS", "side of the square input [the file's own]", 1, 4096);
    private readonly Option<string[]?> _mean = CliOption.List("--mean", "LIST", "subtracted per channel, on the scale 0..1", Numbers, IsNumber);
    private readonly Option<string[]?> _std = CliOption.List("--std", "LIST", "divides per channel, above 0", Numbers, IsNumber);

    public override string Name => "model import";

    public override string Summary => "take over public weights, or an ONNX file";

    public override string Operands => "FILE";

    public override IReadOnlyList<Argument> Arguments => [_file];

    public override IReadOnlyList<Option> Options => [_network, _classes, _imageSize, _mean, _std];

    public override IReadOnlyList<string> Details =>
    [
        "Safetensors with torchvision's or timm's names become a model folder, which predict and model export take. An ONNX file",
        "is checked and written again with class names and normalisation inside, so that predict can use it. --out is required.",
    ];

    public override IReadOnlyList<string> Examples =>
        ["pellicle model import resnet.safetensors --as resnet18_gn --classes benign,malignant --out imported", "pellicle model import net.onnx --classes a,b --mean 0.5,0.5,0.5 --std 0.5,0.5,0.5 --out net-named.onnx"];

    public override IEnumerable<Problem> Check(CommandContext context)
    {
        if (context.Out is null)
        {
            yield return new Problem("--out", "--out is missing; expected the folder (safetensors) or file (ONNX) to write.", "Give --out PATH.");
        }
    }

    public override CommandOutcome Run(CommandContext context)
    {
        ModelImportResult result = new ModelImportPipeline().Run(new ModelImportRequest
        {
            File = context.Value(_file)!,
            Out = context.Out!,
            As = context.Value(_network),
            Classes = context.Value(_classes),
            ImageSize = context.Value(_imageSize),
            Mean = Parsed(context.Value(_mean)),
            Std = Parsed(context.Value(_std)),
            Threads = context.Threads,
        });
        foreach (string note in result.Notes)
        {
            context.Reporter.Note(note);
        }

        return new CommandOutcome(result, writer =>
        {
            writer.WriteLine($"wrote {result.Out}: {(result.Model is null ? "" : result.Model + ", ")}{result.Parameters} parameters, {result.ImageSize} pixels, classes {string.Join(", ", result.Classes)}");
            if (result.UnmatchedKeys.Count > 0)
            {
                writer.WriteLine($"not used: {string.Join(", ", result.UnmatchedKeys)}");
            }
        });
    }

    private static bool IsNumber(string text) => float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out float value) && float.IsFinite(value);

    private static float[]? Parsed(string[]? items) => items is null ? null : Array.ConvertAll(items, item => float.Parse(item, CultureInfo.InvariantCulture));
}
