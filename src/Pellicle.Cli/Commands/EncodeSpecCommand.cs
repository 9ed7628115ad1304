using System.CommandLine;
using Pellicle.Cli.Encode;
using Pellicle.Cli.Parsing;
using Pellicle.Core.Errors;
using Pellicle.NeuraCrypt;
using Pellicle.NeuraCrypt.Hospitals;

namespace Pellicle.Cli.Commands;

/// <summary><c>encode spec</c>: what several hospitals agree on before they make keys.</summary>
internal sealed class EncodeSpecCommand : CliCommand
{
    private readonly ArchitectureOptions _architecture = new();
    private readonly Option<string[]?> _classes = CliOption.List("--classes", "LIST", "class names, in order (required)", "a comma-separated list of at least two names", _ => true);

    public override string Name => "encode spec";

    public override string Summary => "write the public specification of several hospitals";

    public override IReadOnlyList<Option> Options => [_classes, .. _architecture.All];

    public override IReadOnlyList<string> Details =>
    [
        "Writes --out FILE [specification.json]: family and sizes of the encoders, preprocessing and classes. It is public; each hospital makes its own key from it.",
        .. HonestWording.Sentences,
    ];

    public override IReadOnlyList<string> Examples => ["pellicle encode spec --classes normal,pneumonia --out specification.json"];

    public override IEnumerable<Problem> Check(CommandContext context) => _architecture.Check(context).Concat(
        (context.Value(_classes)?.Distinct().Count() ?? 0) >= 2 ? [] : [new Problem("--classes", "--classes does not name at least two different classes.", "For example --classes normal,pneumonia.")]);

    public override CommandOutcome Run(CommandContext context)
    {
        string path = context.Out ?? "specification.json";
        var specification = new EncodingSpecification(_architecture.Read(context), context.Value(_classes)!);
        specification.Write(path);
        return new CommandOutcome(
            new { file = path, hash = specification.Hash, architecture = specification.Architecture, classes = specification.Classes, warning = HonestWording.Paragraph },
            writer => writer.WriteLine($"{path}: specification {specification.Hash}"));
    }
}
