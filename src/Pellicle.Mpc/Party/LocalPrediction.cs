using Pellicle.Core.Random;
using Pellicle.Mpc.Channels;
using Pellicle.Mpc.Compiler;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Protocols;

namespace Pellicle.Mpc.Party;

/// <summary>Share the weights → share the image → three parties compute → put the logits together. All in one process, for trials.</summary>
public sealed class LocalPrediction : IPartyRunner
{
    private readonly MpcPlan _plan;
    private readonly ISecureRandom _random;
    private readonly TimeSpan _timeout;
    private readonly SimulatedNetwork? _network;
    private readonly TimeProvider _clock;
    private readonly MpcProtocol _protocol;
    private readonly ShareScheme _scheme;
    private readonly SharedNetwork[] _parties;
    private readonly RingBuffers[] _buffers = [new(), new(), new()];

    /// <summary>Shares the weights.</summary>
    /// <param name="network">The network that was planned, for the plan's batch.</param>
    /// <param name="plan">Its plan.</param>
    /// <param name="random">The cryptographic generator.</param>
    /// <param name="timeout">How long a party waits for a message.</param>
    /// <param name="simulated">Delay and rate to simulate, or null.</param>
    /// <param name="clock">Times predictions; null: nobody does.</param>
    public LocalPrediction(Network network, MpcPlan plan, ISecureRandom random, TimeSpan timeout, SimulatedNetwork? simulated = null, TimeProvider? clock = null)
    {
        ArgumentNullException.ThrowIfNull(plan);
        _plan = plan;
        _protocol = MpcProtocols.Parse(plan.Protocol);
        _scheme = _protocol.Scheme();
        _random = random;
        _timeout = timeout;
        _network = simulated;
        _clock = clock ?? StoppedClock.Instance;
        _parties = SharedNetwork.Split(network, plan.Ranges, _scheme, random, plan.Point, plan.ChunkElements);
    }

    /// <inheritdoc/>
    public PartyRun Predict(ReadOnlySpan<float> input)
    {
        _plan.RequireInput(input.Length);
        long start = _clock.GetTimestamp();
        SharedTensor[] parts = _scheme.Split(_plan.Point.Encode(input), _random);
        using var parties = new LoopbackParties(_plan.Id, _random, _timeout, _network, buffers: _buffers, protocol: _protocol);
        (SharedTensor Logits, IReadOnlyList<LayerState> AfterLayer)[] results = parties.Run(protocol => _parties[protocol.Self.Index].Run(protocol, parts[protocol.Self.Index], _clock));
        double[] logits = _plan.Point.Decode(_scheme.Combine([.. results.Select(result => result.Logits)]));
        return PartyRun.Of(_plan, logits, parties.Traffic, _clock.GetElapsedTime(start).TotalSeconds, [.. results.Select(result => result.AfterLayer)]);
    }

    /// <inheritdoc/>
    public void Dispose() => Array.ForEach(_buffers, buffers => buffers.Clear());
}
