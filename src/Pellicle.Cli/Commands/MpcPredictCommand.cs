using System.CommandLine;
using Pellicle.Cli.Mpc;
using Pellicle.Cli.Parsing;
using Pellicle.Core.Errors;
using Pellicle.Mpc.Channels;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Protocols;

namespace Pellicle.Cli.Commands;

/// <summary><c>mpc predict</c>: class of an image that no single party sees.</summary>
internal sealed class MpcPredictCommand : CliCommand
{
    private const int MostIterations = 100_000;

    private readonly Argument<string?> _first = CliOption.Operand("MODEL", "an ONNX file, a run folder or a model folder; or --model", isRequired: false);
    private readonly Argument<string[]> _rest = CliOption.Operands("IMAGE", "picture files: PNG, JPEG, DICOM, or NPY arrays; or --input-file, --data-dir", isRequired: false);
    private readonly Option<string?> _model = CliOption.Text("--model", "FILE", "the model, instead of the first operand").Also("-m");
    private readonly Option<string[]> _files = CliOption.Texts("--input-file", "FILE", "an image, as an operand (repeatable)").Also("-i", "--input_file");
    private readonly Option<string?> _folder = CliOption.Text("--data-dir", "DIR", "all pictures and arrays of a folder").Also("--data_dir");
    private readonly Option<string?> _plan = CliOption.Text("--plan", "FILE", "plan.json of the client's kit: predict at three servers, see 'mpc party'");
    private readonly Option<string[]> _parties = CliOption.Texts("--party", "N=URL", "address of a party, instead of that in the kit (repeatable)");
    private readonly Option<bool> _local = CliOption.Flag("--local", "three processes on this machine, for a trial [without --plan]");
    private readonly Option<bool> _inProcess = CliOption.Flag("--in-process", "with --local: three threads instead of processes");
    private readonly Option<string?> _protocol = MpcOptions.Protocol();
    private readonly Option<bool> _plaintext = CliOption.Flag("--plaintext", "the same graph without protection: --protocol plain --compare-plain");
    private readonly Option<int?> _bits = MpcOptions.FractionalBits();
    private readonly Option<string?> _calibration = MpcOptions.Calibration();
    private readonly Option<int?> _batch = MpcOptions.Batch();
    private readonly Option<int?> _iterations = CliOption.Whole("--iterations", "N", "timed predictions of each image after a warm-up [1, without a warm-up]", 1, MostIterations);
    private readonly Option<string?> _reveal = MpcOptions.Reveal();
    private readonly Option<int?> _memory = MpcOptions.Memory();
    private readonly Option<string?> _network = CliOption.Text("--simulate-network", "RTT,RATE", "delay and rate between the parties, such as 40ms,100mbit");
    private readonly Option<bool> _compare = CliOption.Flag("--compare-plain", "run the graph in the clear as well and print the difference");

    public override string Name => "mpc predict";

    public override string Summary => "class probabilities of pictures that no single party sees";

    public override string Operands => "MODEL IMAGE...";

    public override IReadOnlyList<Argument> Arguments => [_first, _rest];

    public override IReadOnlyList<Option> Options => [_model, _files, _folder, _plan, _parties, _local, _inProcess, _protocol, _plaintext, _bits, _calibration, _batch, _iterations, _reveal, _memory, _network, _compare];

    public override IReadOnlyList<string> Details =>
    [
        "Splits weights and image among three parties that compute on their parts and open the logits to the client only.",
        "With --plan the parties are servers elsewhere ('pellicle mpc party'); without it they run on this machine, as processes or",
        "threads: a trial of result, time, rounds and bytes. A simulated network and --protocol plain run in threads.",
    ];

    public override IReadOnlyList<string> Examples =>
    [
        "pellicle mpc predict runs/last lesion.jpg --local --compare-plain",
        "pellicle mpc predict --plan kits/client/plan.json lesion.jpg --json",
        "pellicle mpc predict model.onnx a.png b.png --batch-size 2 --simulate-network 40ms,100mbit --json",
        "pellicle mpc predict --model skin.onnx --input-file skin.npy --batch-size 1 --iterations 10",
    ];

    public override IEnumerable<Problem> Check(CommandContext context)
    {
        (string? model, IReadOnlyList<string> images) = Operand(context);
        foreach (Problem problem in PlanProblems(context))
        {
            yield return problem;
        }

        if (model is null && context.Value(_plan) is null)
        {
            yield return new Problem("MODEL", "no model was given.", "Give it as the first operand, or with --model.");
        }
        else if (images.Count == 0 && context.Value(_folder) is null)
        {
            yield return new Problem("IMAGE", "no image was given.", "Give pictures as operands, or with --input-file or --data-dir.");
        }

        if (context.Value(_plaintext) && context.IsGiven(_protocol))
        {
            yield return new Problem("--plaintext", "--plaintext and --protocol cannot be used together.", "Leave one of them out.");
        }

        foreach (Problem problem in MpcOptions.Problems(_protocol, context.Value(_protocol), name => MpcProtocols.Parse(name)).Concat(MpcOptions.Problems(_network, context.Value(_network), text => SimulatedNetwork.Parse(text))))
        {
            yield return problem;
        }
    }

    public override CommandOutcome Run(CommandContext context)
    {
        (string? model, IReadOnlyList<string> images) = Operand(context);
        if (context.Value(_plan) is { } plan)
        {
            MpcPredictResult remote = new MpcRemotePipeline(context.Host.Clock).Run(
                new MpcRemoteRequest
                {
                    Plan = plan,
                    Images = context.Value(_folder) is { } all ? [.. images, .. ClientImages.In(all)] : images,
                    Addresses = (context.Value(_parties) ?? []).Select(Party).ToDictionary(party => party.Party, party => party.Address),
                    Iterations = context.Value(_iterations),
                },
                context.Cancellation);
            return new CommandOutcome(remote, writer => MpcText.Write(writer, remote));
        }

        bool isPlaintext = context.Value(_plaintext);
        MpcProtocol protocol = isPlaintext ? MpcProtocol.Plain : MpcOptions.ProtocolOf(context.Value(_protocol));
        MpcPredictResult result = new MpcPredictPipeline(context.Host.Clock, context.Reporter.Warn).Run(
            new MpcPredictRequest
            {
                Model = model!,
                Images = context.Value(_folder) is { } folder ? [.. images, .. ClientImages.In(folder)] : images,
                Protocol = protocol,
                FractionalBits = context.Value(_bits) ?? protocol.DefaultFractionalBits(),
                Batch = context.Value(_batch) ?? 1,
                ChunkElements = MpcOptions.ChunkElements(context.Value(_memory)),
                Iterations = context.Value(_iterations),
                Reveal = MpcOptions.RevealOf(context.Value(_reveal)),
                Calibration = context.Value(_calibration),
                ComparesPlain = isPlaintext || context.Value(_compare),
                StartsProcesses = !context.Value(_inProcess),
                Network = context.Value(_network) is { } network ? SimulatedNetwork.Parse(network) : null,
                Threads = context.Threads,
            },
            context.Cancellation);
        return new CommandOutcome(result, writer => MpcText.Write(writer, result));
    }

    private IEnumerable<Problem> PlanProblems(CommandContext context)
    {
        bool isRemote = context.Value(_plan) is not null;
        Option[] others = isRemote ? [_model, _local, _inProcess, _protocol, _plaintext, _bits, _calibration, _batch, _reveal, _memory, _network, _compare] : [_parties];
        foreach (Option option in others.Where(context.IsGiven))
        {
            yield return isRemote
                ? new Problem(option.Name, $"--plan and {option.Name} cannot be used together: the plan was made by 'mpc plan'.", "Leave one of them out.")
                : new Problem(option.Name, $"{option.Name} needs --plan.", "Give --plan kits/client/plan.json.");
        }

        foreach (Problem problem in (context.Value(_parties) ?? []).SelectMany(text => MpcOptions.Problems(_parties, text, party => Party(party))))
        {
            yield return problem;
        }
    }

    private static (PartyId Party, Uri Address) Party(string text) =>
        text is [>= '0' and <= '2', '=', ..] && Uri.TryCreate(text[2..], UriKind.Absolute, out Uri? address) && address.Scheme is "https" or "http"
            ? (new PartyId(text[0] - '0'), address)
            : throw new UsageException($"--party is '{text}'; expected N=URL with N 0, 1 or 2.", "For example: --party 0=https://p0.example:7200.");

    // With --model or --plan, all operands are images.
    private (string? Model, IReadOnlyList<string> Images) Operand(CommandContext context)
    {
        string[] operands = [.. context.Value(_first) is { } first ? [first] : Array.Empty<string>(), .. context.Value(_rest) ?? []];
        string[] files = context.Value(_files) ?? [];
        return context.Value(_plan) is not null ? (null, [.. operands, .. files])
            : context.Value(_model) is { } model ? (model, [.. operands, .. files]) : (operands.FirstOrDefault(), [.. operands.Skip(1), .. files]);
    }
}
