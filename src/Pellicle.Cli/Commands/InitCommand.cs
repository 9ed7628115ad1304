using System.CommandLine;
using Pellicle.Cli.Init;
using Pellicle.Cli.Parsing;
using Pellicle.Core.Errors;
using Pellicle.Core.Files;

namespace Pellicle.Cli.Commands;

/// <summary><c>init</c>: writes a commented configuration.</summary>
internal sealed class InitCommand : CliCommand
{
    private const string FileName = "pellicle.yaml";
    private readonly Argument<string?> _folder = CliOption.Operand("DIR", "folder of the file [this folder]", isRequired: false);
    private readonly Option<string?> _template = CliOption.Choice("--template", "NAME", "dp-train (neuracrypt, viewmaker, mpc: not in this version) [dp-train]", "dp-train", "neuracrypt", "viewmaker", "mpc");

    public override string Name => "init";

    public override string Summary => "write a commented configuration, pellicle.yaml";

    public override string Operands => "[DIR]";

    public override IReadOnlyList<Argument> Arguments => [_folder];

    public override IReadOnlyList<Option> Options => [_template];

    public override IReadOnlyList<string> Examples => ["pellicle init study --template dp-train", "pellicle init --yes"];

    public override IEnumerable<Problem> Check(CommandContext context)
    {
        if (context.Value(_template) is { } template && template != "dp-train")
        {
            yield return new Problem("--template", $"the template '{template}' is not available: this version has no configuration for that part.", "Give --template dp-train.");
        }

        if (File.Exists(PathOf(context)) && !context.Value(GlobalOptions.Yes))
        {
            yield return new Problem("DIR", $"the file '{PathOf(context)}' exists.", "Give another folder, or --yes to replace it.");
        }
    }

    public override CommandOutcome Run(CommandContext context)
    {
        string path = PathOf(context);
        AtomicFile.WriteAllText(path, ConfigTemplate.Write());
        return new CommandOutcome(new InitResult(path, "dp-train"), writer => writer.WriteLine($"{path}: name your data in it, then 'pellicle train {path}'"));
    }

    private string PathOf(CommandContext context) => context.Out ?? Path.Combine(context.Value(_folder) ?? "", FileName);
}

/// <summary>Result of <c>init</c>.</summary>
/// <param name="File">The configuration.</param>
/// <param name="Template">What it is for.</param>
internal sealed record InitResult(string File, string Template);
