using System.Security.Cryptography.X509Certificates;
using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Mpc.Compiler;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Kits;
using Pellicle.Mpc.Party;

namespace Pellicle.Cli.Mpc;

/// <summary>Open the kit → read plan and weight shares → serve until stopped.</summary>
/// <param name="clock">The clock.</param>
/// <param name="log">Takes one line of JSON an event.</param>
internal sealed class MpcPartyPipeline(TimeProvider clock, TextWriter log)
{
    /// <summary>Serves.</summary>
    /// <param name="request">Kit, addresses and limits.</param>
    /// <param name="input">Ends the server when it is closed, if given.</param>
    /// <param name="stop">Ends the server.</param>
    /// <exception cref="DataFormatException">The kit is damaged or another party's.</exception>
    /// <exception cref="EnvironmentException">An address or the kit is in use.</exception>
    public MpcPartyResult Run(MpcPartyRequest request, TextReader? input, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(request);
        using PartyKit kit = PartyKit.Open(request.Plan, request.Party);
        MpcPlan plan = MpcPlanFile.Parse(kit.Plan.Span, request.Plan);
        IReadOnlyList<SharedTensor> weights = kit.ReadWeights([.. plan.Layers.SelectMany(layer => layer.Secrets).Select(secret => secret.Count)]);
        using X509Certificate2? certificate = request.HttpCertificate is { } file ? PartyCertificate.ReadWithKey(file, file) : null;
        using var server = new PartyServer(kit, PartyProgram.Of(plan, weights, clock), request.Server with { HttpCertificate = certificate }, new SystemSecureRandom(), clock, log);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop);
        if (input is not null)
        {
            new Thread(() => StopWithInput(input, either)) { IsBackground = true, Name = "input" }.Start();
        }

        server.Run(either.Token);
        return new MpcPartyResult(request.Party.Index, kit.PlanHash, server.SessionsDone, server.SessionsFailed);
    }

    private static void StopWithInput(TextReader input, CancellationTokenSource either)
    {
        try
        {
            while (input.ReadLine() is not null)
            {
            }

            either.Cancel();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The server has stopped already.
        }
    }
}

/// <summary>Result of <c>mpc party</c>; property names are the JSON fields.</summary>
/// <param name="Party">0, 1 or 2.</param>
/// <param name="PlanHash">SHA-256 of the plan.</param>
/// <param name="Sessions">Sessions that ended.</param>
/// <param name="Failed">Those without a result.</param>
internal sealed record MpcPartyResult(int Party, string PlanHash, int Sessions, int Failed);
