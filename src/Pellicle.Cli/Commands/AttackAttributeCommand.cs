using System.CommandLine;
using Pellicle.Cli.Parsing;
using Pellicle.Core.Errors;
using Pellicle.Training.Configuration;
using Pellicle.Viewmaker.Attacks;

namespace Pellicle.Cli.Commands;

/// <summary><c>attack attribute</c>: how well an attribute can be read from any labelled images.</summary>
internal sealed class AttackAttributeCommand : CliCommand
{
    private static readonly string[] Networks = ["cnn_plain", "cnn_small", "resnet18_gn", "vit_micro", "vit_tiny"];
    private readonly Argument<string?> _target = CliOption.Operand("TARGET", "csv:FILE with columns file and the attribute, a folder with labels.csv, a pack, or any other source with a table");
    private readonly Option<string?> _attribute = CliOption.Text("--attribute", "A", "column to read, such as sex or age:60 (required)");
    private readonly Option<string[]?> _attackers = CliOption.List("--attacker", "LIST", $"any of {string.Join(", ", Networks)} [cnn_plain,resnet18_gn,vit_micro]", $"a comma-separated list of {string.Join(", ", Networks)}", Networks.Contains);
    private readonly Option<int?> _seeds = CliOption.Whole("--seeds", "N", "attackers of each kind [3]", 1, 100);
    private readonly Option<int?> _epochs = CliOption.Whole("--attack-epochs", "N", "most epochs of an attacker [20]", 1, 1000);

    public override string Name => "attack attribute";

    public override string Summary => "how well networks read an attribute from any labelled images";

    public override string Operands => "TARGET";

    public override IReadOnlyList<Argument> Arguments => [_target];

    public override IReadOnlyList<Option> Options =>
    [
        _attribute, _attackers, _seeds, _epochs, .. SettingOptions.Named("data.image", "data.label", "data.patient", "data.limit", "data.imageRoot", "data.window", "model.imageSize"),
    ];

    public override IReadOnlyList<string> Details =>
    [
        "Attackers learn on 70 % of the patients, are chosen on 10 % and reported on 20 %. Works on images of any tool: give the table of the",
        "originals as csv:FILE and the folder of the results with --image-root; a file.jpg of the table may have become file.png. No class column",
        "is needed; if there is one, leakage within its classes is told, too. Leakage is max(AUC, 1 - AUC): 0.5 is guessing. A low figure says",
        "that these attackers failed, not that the attribute is gone.",
    ];

    public override IReadOnlyList<string> Examples => ["pellicle attack attribute csv:incoming/labels.csv --image-root released/ --attribute sex", "pellicle attack attribute ham10000.zip --attribute age:60 --image-size 64 --json"];

    public override IEnumerable<Problem> Check(CommandContext context)
    {
        if (context.Value(_attribute) is null)
        {
            yield return new Problem("--attribute", "--attribute is not given; it names the column to read.", "Give --attribute A, such as sex.");
        }

        if (context.Value(_target) is { } target && Directory.Exists(target) && TableIn(target) is null)
        {
            yield return new Problem("TARGET", $"'{target}' is a folder of images without a table: nobody says who shows what.", $"Give the table as csv:FILE, and --image-root {target}.");
        }
    }

    public override CommandOutcome Run(CommandContext context)
    {
        TrainConfig config = context.Settings.Config;
        config = config with { Data = config.Data with { Source = TableIn(context.Value(_target)!) ?? context.Value(_target) }, Obfuscate = config.Obfuscate with { Attributes = [context.Value(_attribute)!] } };
        var options = new AttackOptions
        {
            Attackers = context.Value(_attackers) is { Length: > 0 } named ? [.. named.Distinct()] : AttackOptions.FreshNetworks,
            Seeds = context.Value(_seeds) ?? new AttackOptions().Seeds,
            Epochs = context.Value(_epochs) ?? new AttackOptions().Epochs,
            Seed = config.Seed,
        };
        AttributeAttackResult result = new AttributeAttackPipeline(context.Reporter.Note).Run(config, options, context.Threads, cancellation: context.Cancellation)[0];
        return new CommandOutcome(result, writer => ObfuscateEvaluateCommand.Write(writer, result));
    }

    // A folder with a table is what 'data synth' unpacks to, and what others hand on.
    private static string? TableIn(string target) => Path.Combine(target, "labels.csv") is var table && Directory.Exists(target) && File.Exists(table) ? "csv:" + table : null;
}
