using System.CommandLine;
using Pellicle.Cli.Output;
using Pellicle.Cli.Parsing;
using Pellicle.Data;
using Pellicle.Data.Inspection;
using Pellicle.Training.Runs;

namespace Pellicle.Cli.Commands;

/// <summary><c>data inspect</c>: reads any source, counts, and shows problems.</summary>
internal sealed class DataInspectCommand : CliCommand
{
    private const int ListedProblems = 20;

    private readonly Argument<string?> _source = CliOption.Operand("SRC", "a path, or folder:DIR csv:FILE npz:FILE idx:ZIP pack:ZIP dicom:DIR json:FILE prepared:DIR synth:KIND");

    public override string Name => "data inspect";

    public override string Summary => "read images, count, show problems";

    public override string Operands => "SRC";

    public override IReadOnlyList<Argument> Arguments => [_source];

    public override IReadOnlyList<Option> Options { get; } =
        SettingOptions.Named("data.image", "data.label", "data.patient", "data.attributes", "data.split", "data.limit", "data.imageRoot", "data.window");

    public override IReadOnlyList<string> Examples => ["pellicle data inspect ham10000.zip", "pellicle data inspect csv:labels.csv --image-column file --patient-column patient --json"];

    public override CommandOutcome Run(CommandContext context)
    {
        DatasetOptions options = RunConfig.DatasetOptions(context.Settings.Config);
        DatasetInspection result = DatasetInspector.Inspect(
            context.Value(_source)!, options, context.Threads, (done, all) => context.Reporter.Progress(() => $"read {done} of {all} images"), context.Cancellation);
        foreach (string warning in result.Warnings)
        {
            context.Reporter.Warn(warning);
        }

        return new CommandOutcome(result, writer => Write(writer, result));
    }

    private static void Write(TextWriter writer, DatasetInspection result)
    {
        writer.WriteLine($"{result.Images} images in {result.Source} ({result.Kind.ToString().ToLowerInvariant()}{(result.IsSynthetic ? ", SYNTHETIC – not patient data" : "")})");
        var counts = new TextTable(["class", .. SplitsOf(result).Select(split => ">" + split)]);
        foreach (string name in result.Classes)
        {
            counts.Add([name, .. SplitsOf(result).Select(split => result.Counts.Where(c => c.Class == name && c.Split == split).Sum(c => c.Images).ToString())]);
        }

        counts.WriteTo(writer);
        writer.WriteLine($"sizes: {string.Join(", ", result.Sizes.Take(8).Select(s => $"{s.Width}x{s.Height}x{s.Channels} ({s.Images})"))}{(result.Sizes.Count > 8 ? $", and {result.Sizes.Count - 8} more" : "")}");
        writer.WriteLine($"duplicates: {result.Duplicates}");
        writer.WriteLine(result.Patients is null ? "patients: no patient column" : $"patients: {result.Patients}, {ReadableNumber.Fixed(result.ImagesPerPatient?.Mean, 2)} images each, at most {result.ImagesPerPatient?.Max}");
        if (result.Columns.Count > 0)
        {
            writer.WriteLine($"columns: {string.Join(", ", result.Columns)}");
        }

        if (result.Unreadable.Count > 0)
        {
            writer.WriteLine($"unreadable: {result.Unreadable.Count}");
            foreach (UnreadableImage file in result.Unreadable.Take(ListedProblems))
            {
                writer.WriteLine($"  {file.File}: {file.Reason}");
            }
        }

        if (result.DicomTags.Count > 0)
        {
            writer.WriteLine("DICOM tags (only pixels and columns of the table enter the data set):");
            foreach (string tag in result.DicomTags)
            {
                writer.WriteLine($"  {tag}");
            }
        }

        if (result.SuggestedOptions.Count > 0)
        {
            writer.WriteLine($"suggested options: {string.Join(' ', result.SuggestedOptions)}");
        }
    }

    private static string[] SplitsOf(DatasetInspection result) => [.. result.Counts.Select(c => c.Split).Distinct()];
}
