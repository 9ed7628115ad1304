using System.CommandLine;
using Pellicle.Cli.Output;
using Pellicle.Cli.Parsing;
using Pellicle.Core.Errors;
using Pellicle.Reporting;

namespace Pellicle.Cli.Commands;

/// <summary><c>report</c>: one self-contained HTML file about one or several runs.</summary>
internal sealed class ReportCommand : CliCommand
{
    private readonly Argument<string[]> _runs = CliOption.Operands("RUN", "run folders; several are compared");
    private readonly Option<bool> _card = CliOption.Flag("--card", "also a Markdown model card beside the report (one run)");
    private readonly Option<bool> _includeImages = CliOption.Flag("--include-images", "show a few images even if they are of patients");

    public override string Name => "report";

    public override string Summary => "one HTML file: guarantee, attacks, metrics, limits";

    public override string Operands => "RUN...";

    public override IReadOnlyList<Argument> Arguments => [_runs];

    public override IReadOnlyList<Option> Options => [_card, _includeImages];

    public override IReadOnlyList<string> Details => ["Without --out it writes report.html into the first run folder. No image of a patient is shown unless --include-images is given."];

    public override IReadOnlyList<string> Examples => ["pellicle report runs/last --out ham.html", "pellicle report runs/a runs/b --out compared.html", "pellicle report runs/last --card --json"];

    public override IEnumerable<Problem> Check(CommandContext context)
    {
        // "--card FILE" reads naturally, and makes a run folder of the file.
        if (!context.HasUnknownOptions && context.Value(_card) && Array.Find(context.Value(_runs) ?? [], run => Path.GetExtension(run) is ".md" && !Directory.Exists(run)) is { } file)
        {
            yield return new Problem("--card", $"'{file}' is no run folder; --card takes no file name.", $"The card is written beside the report under its name: --card --out {Path.ChangeExtension(file, ".html")} writes {file}.");
        }
    }

    public override CommandOutcome Run(CommandContext context)
    {
        string[] runs = context.Value(_runs)!;
        string file = context.Out ?? Path.Combine(runs[0], "report.html");
        ReportResult result = ReportPipeline.Run(new ReportRequest
        {
            RunFolders = runs,
            OutFile = file,
            Card = context.Value(_card) ? Path.ChangeExtension(file, ".md") : null,
            IncludeImages = context.Value(_includeImages),
        });
        return new CommandOutcome(result, writer =>
        {
            writer.WriteLine($"{result.File}: {result.Runs.Count} run{(result.Runs.Count == 1 ? "" : "s")}, {ReadableNumber.Bytes(result.Bytes)}, no external references");
            if (result.Card is not null)
            {
                writer.WriteLine(result.Card);
            }
        });
    }
}
