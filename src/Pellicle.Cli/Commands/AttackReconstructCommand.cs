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

    public override IReadOnlyList<string> Details => ["A network learns on 70 % of the pairs and restores the rest. The sheet (--out, reconstruction.png if not given) shows the images: keep it."];

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
            writer.WriteLine($"{result.Images} test images: restored PSNR {ReadableNumber.Fixed(result.PsnrMean, 1)} dB, SSIM {ReadableNumber.Fixed(result.SsimMean, 3)} (obfuscated {ReadableNumber.Fixed(result.PsnrObfuscated, 1)} dB, {ReadableNumber.Fixed(result.SsimObfuscated, 3)}); error {ReadableNumber.Fixed(result.MseOverMeanBaseline, 3)} of that of guessing the mean picture");
            writer.WriteLine($"{result.Sheet}: original, obfuscated, restored");
        });
    }
}
