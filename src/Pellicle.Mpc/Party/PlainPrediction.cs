using Pellicle.Core.Random;
using Pellicle.Mpc.Channels;
using Pellicle.Mpc.Compiler;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Protocols.Plain;

namespace Pellicle.Mpc.Party;

/// <summary>The same fixed-point computation in the clear, in one process: no protection, the oracle of every protocol.</summary>
public sealed class PlainPrediction : IPartyRunner
{
    private readonly MpcPlan _plan;
    private readonly TimeProvider _clock;
    private readonly SharedNetwork _network;

    /// <summary>Encodes the weights.</summary>
    /// <param name="network">The network that was planned, for the plan's batch.</param>
    /// <param name="plan">Its plan.</param>
    /// <param name="random">Not used by this protocol.</param>
    /// <param name="clock">Times predictions; null: nobody does.</param>
    public PlainPrediction(Network network, MpcPlan plan, ISecureRandom random, TimeProvider? clock = null)
    {
        ArgumentNullException.ThrowIfNull(plan);
        _plan = plan;
        _clock = clock ?? StoppedClock.Instance;
        _network = SharedNetwork.Split(network, plan.Ranges, new PlainShares(), random, plan.Point)[0];
    }

    /// <summary>Of the last prediction: how many values local truncation of additive shares would have spoiled on average.</summary>
    public double ExpectedSpoiledValues { get; private set; }

    /// <inheritdoc/>
    public PartyRun Predict(ReadOnlySpan<float> input)
    {
        _plan.RequireInput(input.Length);
        long start = _clock.GetTimestamp();
        ulong[] values = _plan.Point.Encode(input);
        var protocol = new PlainProtocol();
        (SharedTensor logits, IReadOnlyList<LayerState> after) = _network.Run(protocol, new SharedTensor(values.Length, [values]), _clock);
        ExpectedSpoiledValues = protocol.ExpectedSpoiledValues;
        return PartyRun.Of(_plan, _plan.Point.Decode(logits.Slot(0)), Traffic.None, _clock.GetElapsedTime(start).TotalSeconds, [after]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
