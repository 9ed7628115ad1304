using System.CommandLine;
using Pellicle.Cli.Output;
using Pellicle.Cli.Parsing;
using Pellicle.Core.Errors;
using Pellicle.Viewmaker.Attacks;

namespace Pellicle.Cli.Commands;

/// <summary><c>attack reconstruct</c>: learns to undo an obfuscation from pairs.</summary>
internal sealed class AttackReconstructCommand : CliCommand
{
    private readonly Argument<string?> _target = CliOption.Operand("TARGET", "folder of obfuscated images, whoever obfuscated them");
    private readonly Option<string?> _originals = CliOption.Text("--originals", "DIR", "folder of originals with the same relative names (required)");
    private readonly Option<int?> _side = CliOption.Whole("--side", "S", "side at which images are compared, pixels [64]", 16, 512);
    private readonly Option<int?> _epochs = CliOption.Whole("--attack-epochs", "N", "passes over the training pairs [20]", 1, 1000);

    public override string Name => "attack reconstruct";

    public override string Summary => "learn to undo an obfuscation from pairs of images";

    public override string Operands => "TARGET";

    public override IReadOnlyList<Argument> Arguments => [_target];

    public override IReadOnlyList<Option> Options => [_originals, _side, _epochs];

    public override IReadOnlyList<string> Details => 
    [
        "A network learns on 70 % of the pairs to undo the obfuscation, and restores the rest. It is told beside two controls: the obfuscated images as",
        "they are, and the mean of all originals (error 1 and above restores nothing). Pairs are files of equal relative names but for the extension.",
        "The sheet (--out, reconstruction.png if not given) shows the images: keep it. An attacker with more pairs or another network may restore more.",
    ];

    public override IReadOnlyList<string> Examples => ["pellicle attack reconstruct released/ --originals incoming/ --side 64"];

    public override IEnumerable<Problem> Check(CommandContext context)
    {
        if (context.Value(_originals) is null)
        {
            yield return new Problem("--originals", "--originals is not given; it names the folder of originals.", "Give --originals DIR.");
        }
    }

    public override CommandOutcome Run(CommandContext context)
    {
        ReconstructAttackResult result = ReconstructAttackPipeline.Run(
            context.Value(_target)!, context.Value(_originals)!, context.Value(_side) ?? 64, context.Value(_epochs) ?? 20, context.Out ?? "reconstruction.png", context.Settings.Config.Seed, context.Threads, context.Cancellation);
        return new CommandOutcome(result, writer =>
        {
            var table = new TextTable("test images", ">PSNR dB", ">SSIM", ">error / mean picture");
            table.Add("obfuscated", ReadableNumber.Fixed(result.PsnrObfuscated, 1), ReadableNumber.Fixed(result.SsimObfuscated, 3), ReadableNumber.Fixed(result.MseObfuscatedOverMeanBaseline, 3));
            table.Add("restored", ReadableNumber.Fixed(result.PsnrMean, 1), ReadableNumber.Fixed(result.SsimMean, 3), ReadableNumber.Fixed(result.MseOverMeanBaseline, 3));
            table.WriteTo(writer);
            writer.WriteLine($"{result.Images} test images; {(result.MseOverMeanBaseline >= 1 ? "no better than guessing the mean picture" : result.MseOverMeanBaseline < 0.9 * result.MseObfuscatedOverMeanBaseline ? "the network undoes a part of the obfuscation" : "the network undoes next to nothing of the obfuscation")}.");
            writer.WriteLine($"{result.Sheet}: original, obfuscated, restored");
        });
    }
}
