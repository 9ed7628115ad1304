using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Mpc.Channels;
using Pellicle.Mpc.Compiler;
using Pellicle.Mpc.Kits;
using Pellicle.Mpc.Party;
using Pellicle.Mpc.Protocols;

namespace Pellicle.Mpc.Client;

/// <summary>Three parties elsewhere, called by HTTPS: encode → share → predict → decode.</summary>
public sealed class RemoteParties : IPartyRunner
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly RemotePrediction _prediction;
    private readonly MpcPlan _plan;
    private readonly TimeProvider _clock;
    private readonly CancellationToken _stop;

    /// <summary>Prepares the connections.</summary>
    /// <param name="kit">The client's kit.</param>
    /// <param name="plan">Its plan.</param>
    /// <param name="random">The cryptographic generator.</param>
    /// <param name="clock">Times predictions.</param>
    /// <param name="stop">Gives up and withdraws the session that runs.</param>
    public RemoteParties(ClientKit kit, MpcPlan plan, ISecureRandom random, TimeProvider clock, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(plan);
        _prediction = new RemotePrediction(kit, random, MpcProtocols.Parse(plan.Protocol));
        _plan = plan;
        _clock = clock;
        _stop = stop;
    }

    /// <summary>Waits until all parties answer and are connected to each other.</summary>
    /// <param name="limit">How long.</param>
    /// <exception cref="ProtocolException">They are not by then; says which.</exception>
    public void WaitUntilReady(TimeSpan limit)
    {
        long start = _clock.GetTimestamp();
        while (true)
        {
            try
            {
                _prediction.CheckParties(_stop);
                return;
            }
            catch (ProtocolException) when (_clock.GetElapsedTime(start) < limit)
            {
                _stop.WaitHandle.WaitOne(Pause);
                _stop.ThrowIfCancellationRequested();
            }
        }
    }

    /// <summary>Checks once that all parties answer and are connected to each other.</summary>
    /// <exception cref="ProtocolException">They are not; says which.</exception>
    public void CheckReady() => _prediction.CheckParties(_stop);

    /// <inheritdoc/>
    public PartyRun Predict(ReadOnlySpan<float> input)
    {
        _plan.RequireInput(input.Length);
        long start = _clock.GetTimestamp();
        RemoteResult result = _prediction.Predict(_plan.Point.Encode(input), _plan.Batch, _plan.Layers[^1].Layer.OutputCount, _stop);
        double seconds = _clock.GetElapsedTime(start).TotalSeconds;
        return result.Layers.All(party => party.Count == _plan.Layers.Count)
            ? PartyRun.Of(_plan, _plan.Point.Decode(result.Values), Traffic.Of([.. result.Layers.Select(party => party[^1].Traffic)]), seconds, result.Layers)
            : throw new ProtocolException("a party reports the cost of other layers than the plan has.", "Check that client and parties run the same version.");
    }

    /// <inheritdoc/>
    public void Dispose() => _prediction.Dispose();
}
