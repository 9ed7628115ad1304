using System.CommandLine;
using Pellicle.Cli.Mpc;
using Pellicle.Cli.Parsing;
using Pellicle.Core.Errors;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Protocols;

namespace Pellicle.Cli.Commands;

/// <summary><c>mpc plan</c>: a model as a plan for encrypted prediction, with its cost layer by layer.</summary>
internal sealed class MpcPlanCommand : CliCommand
{
    private readonly Argument<string?> _model = CliOption.Operand("MODEL", "an ONNX file, a run folder or a model folder");
    private readonly Option<string?> _protocol = MpcOptions.Protocol();
    private readonly Option<int?> _bits = MpcOptions.FractionalBits();
    private readonly Option<string?> _calibration = MpcOptions.Calibration();
    private readonly Option<int?> _batch = MpcOptions.Batch();
    private readonly Option<string?> _reveal = MpcOptions.Reveal();
    private readonly Option<int?> _memory = MpcOptions.Memory();
    private readonly Option<string[]> _certificates = CliOption.Texts("--party-certificate", "N=FILE", "certificate that party N made itself with 'mpc party'; its key stays there (repeatable)");

    public override string Name => "mpc plan";

    public override string Summary => "what an encrypted prediction costs, layer by layer";

    public override string Operands => "MODEL";

    public override IReadOnlyList<Argument> Arguments => [_model];

    public override IReadOnlyList<Option> Options => [_protocol, _bits, _calibration, _batch, _reveal, _memory, _certificates];

    public override IReadOnlyList<string> Details =>
    [
        "Finds how large values become on calibration images, chooses the width of every comparison, and writes plan.json:",
        "what client and servers agree on. It holds no weight and no key, and everything in it is public. Rounds and bytes are",
        "counted from the messages of the protocol, before anything runs. Without --out: mpc/plan.json beside the model.",
        "With --out FOLDER it also shares the weights and writes one kit a party and one for the client: see 'mpc party'.",
    ];

    public override IReadOnlyList<string> Examples => ["pellicle mpc plan runs/last --calibrate ham10000.zip", "pellicle mpc plan model.onnx --fractional-bits 13 --out plan.json --json", "pellicle mpc plan runs/last --out kits"];

    public override IEnumerable<Problem> Check(CommandContext context) => MpcOptions.Problems(_protocol, context.Value(_protocol), name => MpcProtocols.Parse(name))
        .Concat((context.Value(_certificates) ?? []).SelectMany(text => MpcOptions.Problems(_certificates, text, certificate => Certificate(certificate))));

    public override CommandOutcome Run(CommandContext context)
    {
        MpcPlanResult result = new MpcPlanPipeline(context.Host.Clock, context.Reporter.Warn).Run(new MpcPlanRequest
        {
            Model = context.Value(_model)!,
            Protocol = MpcOptions.ProtocolOf(context.Value(_protocol)),
            FractionalBits = context.Value(_bits) ?? MpcOptions.ProtocolOf(context.Value(_protocol)).DefaultFractionalBits(),
            Batch = context.Value(_batch) ?? 1,
            Reveal = MpcOptions.RevealOf(context.Value(_reveal)),
            ChunkElements = MpcOptions.ChunkElements(context.Value(_memory)),
            Calibration = context.Value(_calibration),
            Out = context.Out,
            Certificates = (context.Value(_certificates) ?? []).Select(Certificate).ToDictionary(one => one.Party, one => one.File),
            MayReplace = context.Value(GlobalOptions.Yes),
            Threads = context.Threads,
        });
        return new CommandOutcome(result, writer => MpcText.Write(writer, result));
    }

    private static (PartyId Party, string File) Certificate(string text) => text is [>= '0' and <= '2', '=', _, ..]
        ? (new PartyId(text[0] - '0'), text[2..])
        : throw new UsageException($"--party-certificate is '{text}'; expected N=FILE with N 0, 1 or 2.", "For example: --party-certificate 0=party0/party.crt.");
}
