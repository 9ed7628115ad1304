using System.CommandLine;
using Pellicle.Cli.Demo;
using Pellicle.Cli.Parsing;

namespace Pellicle.Cli.Commands;

/// <summary><c>demo</c>: the whole product on synthetic images.</summary>
internal sealed class DemoCommand : CliCommand
{
    private readonly Option<int?> _images = CliOption.Whole("--images", "N", $"synthetic images [{DemoRequest.DefaultImages}]", 400, 100_000);
    private readonly Option<int?> _epochs = CliOption.Whole("--epochs", "N", $"passes over the data [{DemoRequest.DefaultEpochs}]", 1, 10_000);

    public override string Name => "demo";

    public override string Summary => "the whole product on synthetic images";

    public override IReadOnlyList<Option> Options => [_images, _epochs];

    public override IReadOnlyList<string> Details =>
    [
        "Makes synthetic skin images, plans a budget, trains with differential privacy (epsilon 8 at delta 1e-4, unit image,",
        "add or remove one, Poisson sampling, prv accountant), evaluates, audits, exports the model, predicts a few test images by",
        "three parties none of whom sees them, and writes one report. Takes about three minutes.",
        "Without --out it writes to runs/demo-TIME.",
    ];

    public override IReadOnlyList<string> Examples => ["pellicle demo", "pellicle demo --out demo --json"];

    public override CommandOutcome Run(CommandContext context)
    {
        string folder = context.Out ?? Path.Combine("runs", "demo-" + context.Host.Clock.GetLocalNow().ToString("yyyyMMdd-HHmmss"));
        DemoResult result = new DemoPipeline(context).Run(new DemoRequest(folder, context.Value(_images) ?? DemoRequest.DefaultImages, context.Value(_epochs) ?? DemoRequest.DefaultEpochs));
        return new CommandOutcome(result, writer => DemoText.Write(writer, result));
    }
}
