using Pellicle.Core.Random;
using Pellicle.Mpc.Channels;
using Pellicle.Mpc.Compiler;
using Pellicle.Mpc.Party;
using Pellicle.Mpc.Protocols;

namespace Pellicle.Cli.Mpc;

/// <summary>The one place where it is chosen how parties run.</summary>
internal static class PartyRunners
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(600);

    /// <summary>Starts the parties of a local prediction and gives them their shares of the weights.</summary>
    /// <param name="network">The network that was planned, with its weights.</param>
    /// <param name="plan">Its plan.</param>
    /// <param name="request">Threads or processes, and a network to simulate between threads.</param>
    /// <param name="clock">Times predictions.</param>
    /// <param name="cancellation">Ends a start or a prediction of processes.</param>
    public static IPartyRunner StartLocal(Network network, MpcPlan plan, MpcPredictRequest request, TimeProvider clock, CancellationToken cancellation) =>
        MpcProtocols.Parse(plan.Protocol) != MpcProtocol.Plain && request is { StartsProcesses: true, Network: null }
            ? new LocalProcesses(network, plan, clock, cancellation)
            : StartThreads(network, plan, request.Network, clock);

    /// <summary>The parties as threads of this process.</summary>
    /// <param name="network">The network that was planned, with its weights.</param>
    /// <param name="plan">Its plan.</param>
    /// <param name="simulated">A network to simulate between them, or null.</param>
    /// <param name="clock">Times predictions.</param>
    public static IPartyRunner StartThreads(Network network, MpcPlan plan, SimulatedNetwork? simulated, TimeProvider clock) =>
        MpcProtocols.Parse(plan.Protocol) == MpcProtocol.Plain
            ? new PlainPrediction(network, plan, new SystemSecureRandom(), clock)
            : new LocalPrediction(network, plan, new SystemSecureRandom(), Timeout, simulated, clock);
}
