using Pellicle.Mpc.Compiler;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Protocols;

namespace Pellicle.Mpc.Kits;

/// <summary>What goes into kits.</summary>
public sealed record KitRequest
{
    /// <summary>Makes the content of <c>plan.json</c> from the SHA-256 of the weight slots, hexadecimal.</summary>
    public required Func<IReadOnlyList<string>, byte[]> Plan { get; init; }

    /// <summary>What the parties will run: says how weights are split.</summary>
    public MpcProtocol Protocol { get; init; } = MpcProtocol.Replicated3;

    /// <summary>The secret constants of the model as ring elements, in the order of the layers. Enumerated once.</summary>
    public required IEnumerable<ulong[]> Secrets { get; init; }

    /// <summary>Host names of the three machines, for the start commands and the client's addresses.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = ["127.0.0.1", "127.0.0.1", "127.0.0.1"];

    /// <summary>Certificates that parties made themselves (<see cref="KitWriter.WriteIdentity"/>), PEM files by party; their keys never leave them. The others get a new key in their folder.</summary>
    public IReadOnlyDictionary<PartyId, string> Certificates { get; init; } = new Dictionary<PartyId, string>();

    /// <summary>True replaces a folder that exists.</summary>
    public bool Overwrite { get; init; }

    /// <summary>The kits of a planned network.</summary>
    /// <param name="network">With its weights, for the plan's batch.</param>
    /// <param name="plan">Its plan; the kits' plan names the hashes of the weight shares besides.</param>
    public static KitRequest Of(Network network, MpcPlan plan)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(plan);
        return new KitRequest
        {
            Protocol = MpcProtocols.Parse(plan.Protocol),
            Plan = hashes => (plan with { WeightShareHashes = hashes }).ToBytes(),
            Secrets = network.Layers.SelectMany(layer => layer.EncodedSecrets(plan.Point)),
        };
    }
}
