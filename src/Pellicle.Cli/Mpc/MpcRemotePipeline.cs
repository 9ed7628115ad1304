using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Mpc.Client;
using Pellicle.Mpc.Compiler;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Kits;
using Pellicle.Mpc.Protocols;

namespace Pellicle.Cli.Mpc;

/// <summary>Open the client's kit → prepare the images → check the parties → for each batch: share, wait, put the logits together.</summary>
/// <param name="clock">Times predictions.</param>
internal sealed class MpcRemotePipeline(TimeProvider clock)
{
    /// <summary>Predicts images at three servers.</summary>
    /// <param name="request">Kit, addresses, images.</param>
    /// <param name="cancellation">Ends the command; the session that runs is withdrawn.</param>
    /// <exception cref="DataFormatException">Kit or images cannot be used.</exception>
    /// <exception cref="ProtocolException">A party does not answer, or failed.</exception>
    public MpcPredictResult Run(MpcRemoteRequest request, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        long start = clock.GetTimestamp();
        ClientKit kit = ClientKit.Open(request.Plan, request.Addresses);
        MpcPlan plan = MpcPlanFile.Parse(kit.Plan.Span, request.Plan);
        IReadOnlyList<(string Name, float[] Values)> images = ClientImages.Read(plan.Input, request.Plan, request.Images);
        using var parties = new RemoteParties(kit, plan, new SystemSecureRandom(), clock, cancellation);
        parties.CheckReady();
        BatchRun run = BatchRun.Of(parties, plan, [.. images.Select(image => image.Values)], request.Iterations, cancellation);
        return MpcPredictResult.Of(plan, [.. images.Select(image => image.Name)], run, run.Cost(MpcProtocols.Parse(plan.Protocol), 0, clock.GetElapsedTime(start).TotalSeconds), new NetworkUse("remote", null, null));
    }
}

/// <summary>What <c>mpc predict --plan</c> is asked to do.</summary>
internal sealed record MpcRemoteRequest
{
    /// <summary><c>plan.json</c> of the client's kit.</summary>
    public required string Plan { get; init; }

    /// <summary>Picture files and arrays.</summary>
    public required IReadOnlyList<string> Images { get; init; }

    /// <summary>Addresses that replace those of the kit.</summary>
    public IReadOnlyDictionary<PartyId, Uri> Addresses { get; init; } = new Dictionary<PartyId, Uri>();

    /// <summary>Timed runs of each prediction after a warm-up; null: one, without a warm-up.</summary>
    public int? Iterations { get; init; }
}
