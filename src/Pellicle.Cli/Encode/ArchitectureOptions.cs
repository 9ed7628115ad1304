using System.CommandLine;
using Pellicle.Cli.Parsing;
using Pellicle.Core.Errors;
using Pellicle.NeuraCrypt.Encoders;
using Pellicle.NeuraCrypt.Hospitals;

namespace Pellicle.Cli.Encode;

/// <summary>Options about family and sizes of an encoder that several commands share.</summary>
internal sealed class ArchitectureOptions
{
    private readonly Option<string?> _kind = CliOption.Choice("--kind", "KIND", "conv, or linear: a control that is broken by design [conv]", "conv", "linear");
    private readonly Option<int?> _depth = CliOption.Whole("--depth", "D", "1x1 convolutions; NeuraCrypt-(D+3) of the paper [4]", 0, 64);
    private readonly Option<int?> _patch = CliOption.Whole("--patch-size", "K", "side of a patch in pixels [16]", 1, 256);
    private readonly Option<int?> _hidden = CliOption.Whole("--hidden", "N", "numbers per patch [2048]", 1, 16384);
    private readonly Option<int?> _width = CliOption.Whole("--width", "W", "inner layers are W times as wide; for attackers [1]", 1, 8);
    private readonly Option<int?> _size = CliOption.Whole("--image-size", "S", "side of the pictures in pixels, a multiple of the patch size [256]", 1, 4096);
    private readonly Option<int?> _channels = CliOption.Whole("--channels", "C", "1 or 3 [1]", 1, 3);
    private readonly Option<string?> _norm = CliOption.Choice("--norm", "MODE", "frozen: of the owner's images, inside the key; batch: of each batch, as the reference; none [frozen]", "frozen", "batch", "none");
    private readonly Option<bool> _compat = CliOption.Flag("--compat", "as the reference: the same as --norm batch");

    /// <summary>The specification that several hospitals agreed on.</summary>
    public Option<string?> Specification { get; } = CliOption.Text("--spec", "FILE", "public specification of 'encode spec', in place of the sizes");

    public IReadOnlyList<Option> All => [_kind, _depth, _patch, _hidden, _width, _size, _channels, _norm, _compat];

    public IEnumerable<Problem> Check(CommandContext context)
    {
        if (context.Value(_compat) && context.Value(_norm) is { } norm and not "batch")
        {
            yield return new Problem("--compat", $"--compat is given with --norm {norm}; the reference normalises by the batch.", "Leave one of them out.");
        }

        if (context.Value(_channels) == 2)
        {
            yield return new Problem("--channels", "--channels is 2; expected 1 or 3.", "Use 1 for grey pictures.");
        }

        foreach (Option size in All.Where(size => context.IsGiven(Specification) && context.IsGiven(size)))
        {
            yield return new Problem(size.Name, $"{size.Name} is given with --spec, which settles it.", "Leave it out.");
        }
    }

    /// <summary>The specification of this call, or null.</summary>
    public EncodingSpecification? ReadSpecification(CommandContext context) => context.Value(Specification) is { } file ? EncodingSpecification.Read(file) : null;

    public EncoderArchitecture Read(CommandContext context)
    {
        bool isLinear = context.Value(_kind) == "linear";
        string norm = context.Value(_compat) ? "batch" : context.Value(_norm) ?? "frozen";
        return new EncoderArchitecture
        {
            Kind = isLinear ? EncoderKind.Linear : EncoderKind.Conv,
            Depth = isLinear && !context.IsGiven(_depth) ? -1 : context.Value(_depth) ?? 4,
            PatchSize = context.Value(_patch) ?? 16,
            Channels = context.Value(_channels) ?? 1,
            HiddenDim = context.Value(_hidden) ?? 2048,
            WidthFactor = context.Value(_width) ?? 1,
            ImageSize = context.Value(_size) ?? 256,
            Normalisation = Enum.Parse<EncoderNormalisation>(norm, ignoreCase: true),
        };
    }
}
