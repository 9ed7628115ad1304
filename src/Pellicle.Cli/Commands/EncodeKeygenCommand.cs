using System.CommandLine;
using Pellicle.Cli.Encode;
using Pellicle.Cli.Parsing;
using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.NeuraCrypt;
using Pellicle.NeuraCrypt.Hospitals;
using Pellicle.NeuraCrypt.Keys;

namespace Pellicle.Cli.Commands;

/// <summary><c>encode keygen</c>: a key of 32 random bytes for a secret encoder.</summary>
internal sealed class EncodeKeygenCommand : CliCommand
{
    private readonly KeyOptions _key = new();
    private readonly ArchitectureOptions _architecture = new();
    private readonly Option<string?> _import = CliOption.Text("--import", "FILE", "weights of the reference (.npz or .safetensors) instead of derived ones; the sizes must be given");
    private readonly Option<string?> _owner = CliOption.Text("--owner", "TEXT", "who made the key, such as a hospital; readable in the file");
    private readonly Option<string?> _split = CliOption.Text("--split", "K/N", "seal under a random passphrase in N shares, KEY.share-1 …, of which any K open the key");
    private readonly Option<bool> _unsealed = CliOption.Flag("--unsealed", "no passphrase: for tests only");

    public override string Name => "encode keygen";

    public override string Summary => "make the key of a secret encoder";

    public override IReadOnlyList<Option> Options => [.. _architecture.All, _architecture.Specification, _import, _owner, _key.PassphraseFile, _split, _unsealed];

    public override IReadOnlyList<string> Details =>
    [
        "Writes --out FILE [encoder.key], mode 0600: 32 bytes of the system's generator, sealed by AES-256-GCM under a passphrase.",
        "Weights are derived from them when needed and never stored. One key per release and hospital.",
        .. HonestWording.Sentences,
    ];

    public override IReadOnlyList<string> Examples => ["pellicle encode keygen --out hospital-a.key --passphrase-file passphrase.txt", "pellicle encode keygen --out tiny.key --image-size 64 --patch-size 8 --hidden 256 --json"];

    public override IEnumerable<Problem> Check(CommandContext context)
    {
        foreach (Problem problem in _architecture.Check(context))
        {
            yield return problem;
        }

        if (context.Value(_split) is { } split && (Parts(split) is null || context.Value(_unsealed) || context.IsGiven(_key.PassphraseFile)))
        {
            yield return new Problem("--split", $"--split is {split}; expected K/N with 2 <= K <= N <= {KeyShares.MostShares}, and neither a passphrase nor --unsealed beside it.", "For example --split 2/3.");
        }

        if (context.Value(_import) is { } file && !File.Exists(file))
        {
            yield return new Problem("--import", $"--import names '{file}', which does not exist.", "Check the path.");
        }
    }

    public override CommandOutcome Run(CommandContext context)
    {
        string path = context.Out ?? "encoder.key";
        if (File.Exists(path) && !context.Value(GlobalOptions.Yes))
        {
            throw new UsageException($"'{path}' exists already; a lost key cannot be made again.", "Give another --out, or --yes to replace it.");
        }

        EncodingSpecification? specification = _architecture.ReadSpecification(context);
        (Passphrase? given, IReadOnlyList<string> shares) = context.Value(_split) is { } split ? Split(split, path) : (context.Value(_unsealed) ? null : _key.Read(context, null), []);
        using Passphrase? passphrase = given;
        if (passphrase is null && !context.Value(_unsealed))
        {
            throw new UsageException("no passphrase was given to seal the key.", $"Give --passphrase-file FILE or set {KeyOptions.Variable}; --unsealed is for tests.");
        }

        KeygenResult result = new KeygenPipeline(context.Host.Clock).Run(
            new KeygenRequest { Architecture = specification?.Architecture ?? _architecture.Read(context), Specification = specification?.Hash, OutFile = path, ImportFile = context.Value(_import), Owner = context.Value(_owner) },
            context.Value(_unsealed) ? null : passphrase) with { Shares = shares };
        if (!result.Sealed)
        {
            context.Reporter.Warn($"'{path}' is not sealed: whoever reads the file has the key");
        }

        if (result.LegacyImport)
        {
            context.Reporter.Warn("imported weights are not re-derivable; weights of the reference come from a generator with 32 bits of state");
        }

        return new CommandOutcome(result, writer =>
        {
            writer.WriteLine($"{result.KeyFile}: key {result.KeyId}, {result.Architecture.Kind.ToString().ToLowerInvariant()} encoder of depth {result.Architecture.Depth}, {result.Architecture.ImageSize}x{result.Architecture.ImageSize} pixels to {result.Architecture.Patches} patches of {result.Architecture.HiddenDim} numbers");
            foreach (string share in result.Shares)
            {
                writer.WriteLine($"{share}: give it to one person, and delete it here");
            }

            writer.WriteLine("Keep it apart from what you publish, and keep a copy: without it nothing can be encoded again.");
            foreach (string sentence in HonestWording.Sentences)
            {
                writer.WriteLine(sentence);
            }
        });
    }

    private static (Passphrase?, IReadOnlyList<string>) Split(string split, string path)
    {
        (int threshold, int count) = Parts(split)!.Value;
        (Passphrase passphrase, IReadOnlyList<string> files) = PassphraseShares.Make(path, threshold, count, new SystemSecureRandom());
        return (passphrase, files);
    }

    private static (int Threshold, int Count)? Parts(string split) =>
        split.Split('/') is [var k, var n] && int.TryParse(k, out int threshold) && int.TryParse(n, out int count) && threshold >= 2 && threshold <= count && count <= KeyShares.MostShares ? (threshold, count) : null;
}
