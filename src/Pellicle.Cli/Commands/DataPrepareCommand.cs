using System.CommandLine;
using Pellicle.Cli.Output;
using Pellicle.Cli.Parsing;
using Pellicle.Data.Inspection;
using Pellicle.Data.Preparation;
using Pellicle.Training.Runs;

namespace Pellicle.Cli.Commands;

/// <summary><c>data prepare</c>: decodes, resizes and splits once, into a folder that later commands read fast.</summary>
internal sealed class DataPrepareCommand : CliCommand
{
    private readonly Argument<string?> _source = CliOption.Operand("SRC", "any source; 'pellicle data inspect --help' lists the kinds");
    private readonly Option<int?> _size = CliOption.Whole("--size", "S", "width and height of the pictures in pixels [224]", 1, 4096);
    private readonly Option<bool> _grayscale = CliOption.Flag("--grayscale", "write one channel; otherwise as many as the first picture has");

    public override string Name => "data prepare";

    public override string Summary => "decode, resize and split by patient, once";

    public override string Operands => "SRC";

    public override IReadOnlyList<Argument> Arguments => [_source];

    public override IReadOnlyList<Option> Options =>
        [_size, _grayscale, .. SettingOptions.Named("data.split", "data.window", "data.limit", "data.image", "data.label", "data.patient", "data.attributes", "data.imageRoot")];

    public override IReadOnlyList<string> Details =>
    [
        "Writes a folder with manifest.json and NumPy shards; without --out to prepared-S. It is a source (prepared:DIR, or the bare path).",
        "Only pixels, classes, splits and the named columns are written; patients become numbers. The folder appears when it is whole.",
    ];

    public override IReadOnlyList<string> Examples => ["pellicle data prepare dicom:scans --size 128 --grayscale --window 40,400 --out prepared", "pellicle data prepare ham10000.zip --size 64 --patient-column lesion --attribute-columns sex,age"];

    public override CommandOutcome Run(CommandContext context)
    {
        int size = context.Value(_size) ?? 224;
        var pipeline = new PreparePipeline((done, all) => context.Reporter.Progress(() => $"prepared {done} of {all} images"));
        PrepareResult result = pipeline.Run(
            new PrepareRequest
            {
                Source = context.Value(_source)!,
                Options = RunConfig.DatasetOptions(context.Settings.Config),
                OutFolder = context.Out ?? $"prepared-{size}",
                ImageSize = size,
                Grayscale = context.Value(_grayscale),
                Replace = context.Value(GlobalOptions.Yes),
                Threads = context.Threads,
            },
            context.Cancellation);
        foreach (string warning in result.Warnings)
        {
            context.Reporter.Warn(warning);
        }

        return new CommandOutcome(result, writer =>
        {
            writer.WriteLine($"{result.OutDir}: {result.Images} images, {result.ImageSize}x{result.ImageSize}x{result.Channels}, {ReadableNumber.Bytes(result.Bytes)} in {result.Shards} shard{(result.Shards == 1 ? "" : "s")}{(result.IsSynthetic ? ", SYNTHETIC – not patient data" : "")}");
            var table = new TextTable("split", "class", ">images");
            foreach (SplitClassCount count in result.Counts)
            {
                table.Add(count.Split, count.Class, count.Images.ToString());
            }

            table.WriteTo(writer);
        });
    }
}
