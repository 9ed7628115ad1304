using Pellicle.Mpc.Core;
using Pellicle.Mpc.Protocols;

namespace Pellicle.Mpc.Party;

/// <summary>What a party computes in every session: the plan's network with this party's part of the weights.</summary>
public sealed record PartyProgram
{
    /// <summary>SHA-256 of the plan, hexadecimal.</summary>
    public required string PlanHash { get; init; }

    /// <summary>Images of one session.</summary>
    public required int Batch { get; init; }

    /// <summary>Ring elements of the input of one session.</summary>
    public required int InputCount { get; init; }

    /// <summary>Ring elements of the result of one session.</summary>
    public required int OutputCount { get; init; }

    /// <summary>Runs it: this party's protocol and input, and a callback that takes the name of each layer before it starts; gives this party's part of the result.</summary>
    public required Func<ITensorProtocol, SharedTensor, Action<string>, SharedTensor> Run { get; init; }

    /// <summary>First four bytes of the plan's hash: what every message carries.</summary>
    public uint PlanId => Convert.ToUInt32(PlanHash[..8], 16);
}
