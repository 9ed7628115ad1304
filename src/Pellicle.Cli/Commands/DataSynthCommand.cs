using System.CommandLine;
using Pellicle.Cli.Output;
using Pellicle.Cli.Parsing;
using Pellicle.Core.Errors;
using Pellicle.Data.Synthetic;

namespace Pellicle.Cli.Commands;

/// <summary><c>data synth</c>: writes a pack of procedural images.</summary>
internal sealed class DataSynthCommand : CliCommand
{
    private readonly Option<string?> _kind = CliOption.Choice("--kind", "KIND", "dermoscopy, fundus, discs or xray [dermoscopy]", "dermoscopy", "fundus", "discs", "xray");
    private readonly Option<int?> _images = CliOption.Whole("--images", "N", "number of images [2400]", 1, 1_000_000);
    private readonly Option<int?> _size = CliOption.Whole("--size", "S", "width and height in pixels [32]", 16, 1024);
    private readonly Option<double?> _strength = CliOption.Number("--attribute-strength", "A", "how plainly sex and age show, 0 to 1 [0]", "a number from 0 to 1", v => v is >= 0 and <= 1);

    public override string Name => "data synth";

    public override string Summary => "make procedural images (synthetic, not patient data)";

    public override IReadOnlyList<Option> Options => [_kind, _images, _size, _strength];

    public override IReadOnlyList<string> Details => ["Writes a ZIP with labels.csv, images and SYNTHETIC.txt; without --out to synth-KIND-SIZE.zip in this folder."];

    public override IReadOnlyList<string> Examples => ["pellicle data synth --kind fundus --images 1000 --size 64 --out fundus.zip", "pellicle data synth --images 500 --attribute-strength 0.5 --seed 3"];

    public override IEnumerable<Problem> Check(CommandContext context)
    {
        string path = OutPath(context);
        if (Directory.Exists(path))
        {
            yield return new Problem("--out", $"--out is '{path}', which is a folder; expected a file name.", "Give a name that ends in .zip.");
        }
        else if (File.Exists(path) && !context.Value(GlobalOptions.Yes))
        {
            yield return new Problem("--out", $"the file '{path}' exists.", "Give another --out, or --yes to replace it.");
        }
    }

    public override CommandOutcome Run(CommandContext context)
    {
        string path = OutPath(context);
        var options = new SyntheticOptions
        {
            Kind = SyntheticOptions.ParseKind(Kind(context)),
            Images = context.Value(_images) ?? new SyntheticOptions().Images,
            ImageSize = context.Value(_size) ?? new SyntheticOptions().ImageSize,
            AttributeStrength = context.Value(_strength) ?? 0,
            Seed = context.Settings.Config.Seed,
        };
        SyntheticImages.Write(options, path, context.Threads);
        var result = new DataSynthResult(path, Kind(context), options.Images, options.ImageSize, options.AttributeStrength, options.Seed, new FileInfo(path).Length, IsSynthetic: true);
        return new CommandOutcome(result, writer => writer.WriteLine($"{path}: {result.Images} {result.Kind} images, {result.ImageSize}x{result.ImageSize}, {ReadableNumber.Bytes(result.Bytes)}. {SyntheticImages.Notice}."));
    }

    private string Kind(CommandContext context) => context.Value(_kind) ?? "dermoscopy";

    private string OutPath(CommandContext context) => context.Out ?? $"synth-{Kind(context)}-{context.Value(_size) ?? new SyntheticOptions().ImageSize}.zip";
}

/// <summary>Result of <c>data synth</c>.</summary>
/// <param name="File">The pack.</param>
/// <param name="Kind">dermoscopy, fundus, discs or xray.</param>
/// <param name="Images">Number of images.</param>
/// <param name="ImageSize">Width and height, pixels.</param>
/// <param name="AttributeStrength">In 0..1.</param>
/// <param name="Seed">Seed of the images.</param>
/// <param name="Bytes">Size of the pack.</param>
/// <param name="IsSynthetic">True.</param>
internal sealed record DataSynthResult(string File, string Kind, int Images, int ImageSize, double AttributeStrength, ulong Seed, long Bytes, bool IsSynthetic);
