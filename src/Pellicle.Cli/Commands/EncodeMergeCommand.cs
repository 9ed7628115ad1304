using System.CommandLine;
using Pellicle.Cli.Encode;
using Pellicle.Cli.Output;
using Pellicle.Cli.Parsing;
using Pellicle.Core.Errors;
using Pellicle.NeuraCrypt;
using Pellicle.NeuraCrypt.Hospitals;

namespace Pellicle.Cli.Commands;

/// <summary><c>encode merge</c>: the coordinator checks the releases of several hospitals and makes one source of them.</summary>
internal sealed class EncodeMergeCommand : CliCommand
{
    private readonly ArchitectureOptions _architecture = new();
    private readonly Argument<string[]> _releases = CliOption.Operands("PUBLIC", "public folders of 'encode run', one a hospital");
    private readonly Option<string[]?> _names = CliOption.List("--names", "LIST", "names of the hospitals, in order [names of their folders]", "a comma-separated list of names", _ => true);
    private readonly Option<bool> _signed = CliOption.Flag("--require-signed", "refuse releases without a signature");

    public override string Name => "encode merge";

    public override string Summary => "check and join the releases of several hospitals";

    public override string Operands => "PUBLIC…";

    public override IReadOnlyList<Argument> Arguments => [_releases];

    public override IReadOnlyList<Option> Options => [_names, _architecture.Specification, _signed];

    public override IReadOnlyList<string> Details =>
    [
        "Verifies signatures and the hashes of all encodings, compares the manifests with the specification and with each other, and writes --out DIR/manifest.json.",
        "Nothing is copied; 'pellicle train' takes the folder as encoded:DIR. A signature tells that nothing changed since; compare the signer with what the hospital says by another way.",
        .. HonestWording.Sentences,
    ];

    public override IReadOnlyList<string> Examples => ["pellicle encode merge a/public b/public --names a,b --spec specification.json --require-signed --out merged"];

    public override IEnumerable<Problem> Check(CommandContext context)
    {
        if (context.Out is null)
        {
            yield return new Problem("--out", "--out is not given; it names the folder of the merge.", "Give --out DIR.");
        }

        int releases = context.Value(_releases)?.Length ?? 0;
        if (context.Value(_names) is { Length: > 0 } names && names.Length != releases)
        {
            yield return new Problem("--names", $"--names has {names.Length} names for {releases} releases.", "Give one a release.");
        }
    }

    public override CommandOutcome Run(CommandContext context)
    {
        string[] folders = context.Value(_releases)!;
        string[] names = context.Value(_names) is { Length: > 0 } given ? given : [.. folders.Select(NameOf)];
        MergeResult result = MergePipeline.Run(
            new MergeRequest { Releases = [.. names.Zip(folders)], OutFolder = context.Out!, SpecificationFile = context.Value(_architecture.Specification), RequireSignatures = context.Value(_signed) },
            context.Cancellation);
        return new CommandOutcome(result, writer =>
        {
            var table = new TextTable("hospital", ">images", "key", "signed by");
            foreach (MergedRelease source in result.Sources)
            {
                table.Add(source.Name, $"{source.Images}", source.KeyId, source.Signer ?? "nobody");
            }

            table.WriteTo(writer);
            writer.WriteLine($"{result.OutDir}: {result.Images} encodings of {result.Sources.Count} hospitals");
        });
    }

    // a/public and b/public are told apart by what is above.
    private static string NameOf(string folder)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        string name = Path.GetFileName(full);
        return name == "public" ? Path.GetFileName(Path.GetDirectoryName(full)) ?? name : name;
    }
}
