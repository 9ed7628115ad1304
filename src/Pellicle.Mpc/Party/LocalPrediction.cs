using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Mpc.Channels;
using Pellicle.Mpc.Compiler;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Protocols.Replicated3;

namespace Pellicle.Mpc.Party;

/// <summary>Share the weights → share the image → three parties compute → put the logits together. All in one process, for trials.</summary>
public sealed class LocalPrediction
{
    private readonly MpcPlan _plan;
    private readonly ISecureRandom _random;
    private readonly ReplicatedShares _scheme = new();
    private readonly SharedNetwork[] _parties;

    /// <summary>Shares the weights.</summary>
    /// <param name="network">The network that was planned.</param>
    /// <param name="plan">Its plan.</param>
    /// <param name="random">The cryptographic generator.</param>
    public LocalPrediction(Network network, MpcPlan plan, ISecureRandom random)
    {
        ArgumentNullException.ThrowIfNull(plan);
        _plan = plan;
        _random = random;
        _parties = SharedNetwork.Split(network, [.. plan.Layers.Select(layer => layer.Range)], _scheme, random, plan.Point);
    }

    /// <summary>Predicts one image in a session of its own: fresh keys, fresh shares.</summary>
    /// <param name="image">[C, H, W], normalised.</param>
    /// <param name="timeout">How long a party waits for a message.</param>
    /// <param name="network">Delay and rate to simulate, or null.</param>
    /// <returns>Logits, and what was sent.</returns>
    /// <exception cref="ProtocolException">A party failed, or sent something else than the plan says.</exception>
    public (double[] Logits, Traffic Traffic) Predict(ReadOnlySpan<float> image, TimeSpan timeout, SimulatedNetwork? network = null)
    {
        if (image.Length != _plan.InputCount)
        {
            throw new DataFormatException($"the image has {image.Length} values; expected {_plan.InputCount}, as the plan says.", "Prepare the image as the model expects it.");
        }

        SharedTensor[] parts = _scheme.Split(_plan.Point.Encode(image), _random);
        using var parties = new LoopbackParties(_plan.Id, _random, timeout, network);
        SharedTensor[] logits = parties.Run(protocol => _parties[protocol.Self.Index].Run(protocol, parts[protocol.Self.Index]).Logits);
        return (_plan.Point.Decode(_scheme.Combine(logits)), parties.Traffic);
    }
}
