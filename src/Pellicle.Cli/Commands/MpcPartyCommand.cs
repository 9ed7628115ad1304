using System.CommandLine;
using Pellicle.Cli.Mpc;
using Pellicle.Cli.Parsing;
using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Kits;
using Pellicle.Mpc.Links;
using Pellicle.Mpc.Party;

namespace Pellicle.Cli.Commands;

/// <summary><c>mpc party</c>: one of the three servers of encrypted predictions.</summary>
internal sealed class MpcPartyCommand : CliCommand
{
    private const string PlainScheme = "http://";

    private static readonly PartyLimits Defaults = new();

    private readonly Option<string?> _plan = CliOption.Text("--plan", "FILE", "plan.json in this party's kit folder");
    private readonly Option<int?> _id = CliOption.Whole("--id", "N", "which party this is", 0, PartyId.Count - 1);
    private readonly Option<string?> _listen = CliOption.Text("--listen", "ADDR:PORT", "where the other parties call [127.0.0.1:710N]");
    private readonly Option<string[]> _peers = CliOption.Texts("--peer", "N=HOST:PORT", "where another party listens; needed for parties with lower numbers (repeatable)");
    private readonly Option<string?> _http = CliOption.Text("--http", "ADDR:PORT", "where clients call, by HTTPS; http://127.0.0.1:PORT for plain HTTP on this machine [127.0.0.1:720N]");
    private readonly Option<string?> _certificate = CliOption.Text("--http-certificate", "FILE", "PEM file with certificate and key that browsers trust [the kit's own certificate]");
    private readonly Option<string[]> _origins = CliOption.Texts("--allow-origin", "URL", "a web page's origin that may call (repeatable) [none]");
    private readonly Option<int?> _sessions = CliOption.Whole("--sessions", "N", "sessions side by side, the same at all parties [1]", 1, 16);
    private readonly Option<int?> _rate = CliOption.Whole("--rate", "R", $"new sessions of one client in a minute, at most [{Defaults.Rate}]", 1, 1_000_000);
    private readonly Option<double?> _timeout = CliOption.Number("--timeout", "SECONDS", $"how long a session waits for another party [{Defaults.Step.TotalSeconds:0}]", "seconds above 0, at most 3600", value => value is > 0 and <= 3600);
    private readonly Option<string?> _init = CliOption.Text("--init", "DIR", "make this party's own key and certificate in a new folder, for whoever runs 'mpc plan', and stop");
    private readonly Option<bool> _once = CliOption.Flag("--once", "stop after one session");
    private readonly Option<bool> _untilInputEnds = CliOption.Flag("--until-input-ends", "stop when standard input is closed, for programs that start parties");

    public override string Name => "mpc party";

    public override string Summary => "run one of the three servers of encrypted predictions";

    public override IReadOnlyList<Option> Options => [_plan, _id, _listen, _peers, _http, _certificate, _origins, _sessions, _rate, _timeout, _once, _untilInputEnds, _init];

    public override IReadOnlyList<string> Details =>
    [
        "Serves until it is stopped (Ctrl-C, SIGTERM): sessions that run may finish, then keys and shares are overwritten.",
        "One line of JSON an event on stderr. Listens on loopback unless an address is given.",
    ];

    public override IReadOnlyList<string> Examples => ["pellicle mpc party --plan kits/party1/plan.json --id 1 --listen 0.0.0.0:7101 --peer 0=p0.example:7100 --http 0.0.0.0:7201"];

    public override IEnumerable<Problem> Check(CommandContext context)
    {
        if (context.Value(_plan) is null && context.Value(_init) is null)
        {
            yield return new Problem("--plan", "--plan is missing; expected plan.json of a party's kit.", "Write kits with 'pellicle mpc plan MODEL --out kits', then give kits/party0/plan.json.");
        }

        if (context.Value(_id) is null)
        {
            yield return new Problem("--id", "--id is missing; expected 0, 1 or 2.", "Give the number of the party whose kit it is.");
        }

        IEnumerable<Problem> problems = MpcOptions.Problems(_listen, context.Value(_listen), text => PeerAddress.Parse(text, "--listen").ToEndPoint("--listen"))
            .Concat(MpcOptions.Problems(_http, context.Value(_http), text => PeerAddress.Parse(WithoutScheme(text), "--http").ToEndPoint("--http")))
            .Concat((context.Value(_peers) ?? []).SelectMany(text => MpcOptions.Problems(_peers, text, peer => Peer(peer))));
        foreach (Problem problem in problems)
        {
            yield return problem;
        }
    }

    public override CommandOutcome Run(CommandContext context)
    {
        var party = new PartyId(context.Value(_id)!.Value);
        if (context.Value(_init) is { } folder)
        {
            string certificate = new KitWriter(new SystemSecureRandom(), context.Host.Clock).WriteIdentity(folder, party);
            var made = new MpcIdentityResult(party.Index, certificate);
            return new CommandOutcome(made, writer => writer.WriteLine($"wrote {certificate}: give it to whoever runs 'mpc plan'; party.key beside it stays here, and goes into this party's kit folder later"));
        }

        string http = context.Value(_http) ?? $"127.0.0.1:{7200 + party.Index}";
        MpcPartyResult result = new MpcPartyPipeline(context.Host.Clock, context.Host.Error).Run(
            new MpcPartyRequest
            {
                Plan = context.Value(_plan)!,
                Party = party,
                HttpCertificate = context.Value(_certificate),
                Server = new PartyServerOptions
                {
                    Listen = PeerAddress.Parse(context.Value(_listen) ?? $"127.0.0.1:{7100 + party.Index}", "--listen"),
                    Peers = (context.Value(_peers) ?? []).Select(Peer).ToDictionary(peer => peer.Party, peer => peer.Address),
                    Http = PeerAddress.Parse(WithoutScheme(http), "--http"),
                    IsPlainHttp = http.StartsWith(PlainScheme, StringComparison.Ordinal),
                    AllowedOrigins = context.Value(_origins) ?? [],
                    Lanes = context.Value(_sessions) ?? 1,
                    Once = context.Value(_once),
                    Limits = Defaults with { Rate = context.Value(_rate) ?? Defaults.Rate, Step = TimeSpan.FromSeconds(context.Value(_timeout) ?? Defaults.Step.TotalSeconds) },
                    Version = AppVersion.Text,
                },
            },
            context.Value(_untilInputEnds) ? context.Host.Input : null,
            context.Cancellation);
        return new CommandOutcome(result, writer => writer.WriteLine($"party {result.Party} stopped after {result.Sessions} sessions, {result.Failed} of which failed"));
    }

    private static string WithoutScheme(string text) => text.StartsWith(PlainScheme, StringComparison.Ordinal) ? text[PlainScheme.Length..]
        : text.StartsWith("https://", StringComparison.Ordinal) ? text["https://".Length..]
        : text;

    private static (PartyId Party, PeerAddress Address) Peer(string text) => text is [>= '0' and <= '2', '=', ..]
        ? (new PartyId(text[0] - '0'), PeerAddress.Parse(text[2..], "--peer"))
        : throw new UsageException($"--peer is '{text}'; expected N=HOST:PORT with N 0, 1 or 2.", "For example: --peer 0=127.0.0.1:7100.");
}

/// <summary>Result of <c>mpc party --init</c>.</summary>
/// <param name="Party">0, 1 or 2.</param>
/// <param name="Certificate">The certificate to give away.</param>
internal sealed record MpcIdentityResult(int Party, string Certificate);
