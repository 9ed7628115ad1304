using System.CommandLine;
using Pellicle.Cli.Output;
using Pellicle.Cli.Parsing;
using Pellicle.Viewmaker.Release;

namespace Pellicle.Cli.Commands;

/// <summary><c>obfuscate show</c>: a sheet of pictures before and after.</summary>
internal sealed class ObfuscateShowCommand : CliCommand
{
    private readonly Argument<string?> _run = CliOption.Operand("RUN", "run folder of 'obfuscate train', such as runs/last");
    private readonly Option<int?> _images = CliOption.Whole("--images", "N", "rows of the sheet [8]", 1, 200);

    public override string Name => "obfuscate show";

    public override string Summary => "picture sheet: original, obfuscated, difference, saliency";

    public override string Operands => "RUN";

    public override IReadOnlyList<Argument> Arguments => [_run];

    public override IReadOnlyList<Option> Options => [_images];

    public override IReadOnlyList<string> Details => ["Columns: original, obfuscated, difference x 8 with its scale, what the attacker looks at before and after. The sheet shows patients unless the set is synthetic: keep it."];

    public override IReadOnlyList<string> Examples => ["pellicle obfuscate show runs/last --images 8 --out sheet.png"];

    public override CommandOutcome Run(CommandContext context)
    {
        ObfuscateShowResult result = ObfuscateShowPipeline.Run(context.Value(_run)!, context.Value(_images) ?? 8, context.Out ?? "obfuscation.png", context.Threads);
        return new CommandOutcome(result, writer => Write(writer, result));
    }

    private static void Write(TextWriter writer, ObfuscateShowResult result)
    {
        writer.WriteLine($"{result.Sheet}: {result.Images} rows{(result.IsSynthetic ? "" : " of patients: do not publish")}");
        foreach (ShownPicture row in result.Captions)
        {
            writer.WriteLine($"row {row.Row}: mean change {ReadableNumber.Fixed(row.MeanAbsDelta, 4)}, largest {ReadableNumber.Fixed(row.MaxAbsDelta, 3)}; attacker's margin {string.Join(", ", row.Scores.Select(score => $"{score.Name} {ReadableNumber.Fixed(score.Before, 2)} to {ReadableNumber.Fixed(score.After, 2)}"))}");
        }
    }
}
