using Pellicle.Core.Errors;
using Pellicle.Mpc.Channels;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Protocols.Plain;
using Pellicle.Mpc.Protocols.Replicated3;
using Pellicle.Mpc.Protocols.SecureNn;

namespace Pellicle.Mpc.Protocols;

/// <summary>The protocols of this version.</summary>
public enum MpcProtocol
{
    /// <summary>Three servers with replicated shares, one of whom may be curious.</summary>
    Replicated3,

    /// <summary>Two servers with additive shares and a third one that helps; one of them may be curious.</summary>
    SecureNn,

    /// <summary>The same fixed-point computation in the clear: no protection.</summary>
    Plain,
}

/// <summary>Names, guarantees and parts of protocols: the one place that knows them all.</summary>
public static class MpcProtocols
{
    /// <summary>Name on command lines and in plans.</summary>
    /// <param name="protocol">The protocol.</param>
    public static string Name(this MpcProtocol protocol) => protocol switch
    {
        MpcProtocol.Plain => "plain",
        MpcProtocol.SecureNn => "securenn",
        _ => "replicated3",
    };

    /// <summary>Against whom it protects.</summary>
    /// <param name="protocol">The protocol.</param>
    public static ThreatModel ThreatModel(this MpcProtocol protocol) => protocol switch
    {
        MpcProtocol.Plain => Core.ThreatModel.None,
        MpcProtocol.SecureNn => Core.ThreatModel.OneCuriousServerOfTwoAndHelper,
        _ => Core.ThreatModel.OneCuriousServer,
    };

    /// <summary>Number of servers.</summary>
    /// <param name="protocol">The protocol.</param>
    public static int Parties(this MpcProtocol protocol) => protocol == MpcProtocol.Plain ? 1 : PartyId.Count;

    /// <summary>f if none is given: local truncation fails more often with more fractional bits.</summary>
    /// <param name="protocol">The protocol.</param>
    public static int DefaultFractionalBits(this MpcProtocol protocol) => protocol == MpcProtocol.SecureNn ? 13 : 16;

    /// <summary>How it splits secrets.</summary>
    /// <param name="protocol">The protocol.</param>
    public static ShareScheme Scheme(this MpcProtocol protocol) => protocol switch
    {
        MpcProtocol.Plain => new PlainShares(),
        MpcProtocol.SecureNn => new AdditiveShares(),
        _ => new ReplicatedShares(),
    };

    /// <summary>Its cost model, with nothing declared yet; null for the one that sends nothing.</summary>
    /// <param name="protocol">The protocol.</param>
    public static CostModel? CostModel(this MpcProtocol protocol) => protocol switch
    {
        MpcProtocol.Plain => null,
        MpcProtocol.SecureNn => new SecureNnCost(),
        _ => new Replicated3Cost(),
    };

    /// <summary>Joins a session of three parties.</summary>
    /// <param name="protocol">One of three parties.</param>
    /// <param name="network">This party's connections.</param>
    /// <param name="keyA">Key i of party i, shared with the previous one, fresh for this session.</param>
    /// <param name="keyB">Key i+1 of party i, shared with the next one, fresh for this session.</param>
    /// <param name="buffers">Kept between sessions of this party; null for new ones.</param>
    public static ITensorProtocol Join(this MpcProtocol protocol, PartyNetwork network, PairwiseSeed keyA, PairwiseSeed keyB, RingBuffers? buffers = null) => protocol switch
    {
        MpcProtocol.Replicated3 => new Replicated3Protocol(network, keyA, keyB, buffers),
        MpcProtocol.SecureNn => new SecureNnProtocol(network, keyA, keyB, buffers),
        _ => throw new ArgumentOutOfRangeException(nameof(protocol), protocol, "Expected a protocol of three parties."),
    };

    /// <summary>Reads a name.</summary>
    /// <param name="name">As written by the user or in a plan.</param>
    /// <exception cref="UsageException">No protocol of this version; names of other tools get a hint.</exception>
    public static MpcProtocol Parse(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.ToLowerInvariant() switch
        {
            "replicated3" => MpcProtocol.Replicated3,
            "securenn" => MpcProtocol.SecureNn,
            "plain" => MpcProtocol.Plain,
            "masked" => throw new UsageException($"the protocol '{name}' is not in this version; expected replicated3, securenn or plain.", "Use --protocol replicated3: three servers as well, with fewer bytes and rounds."),
            "pond" or "aby3" or "rep3" or "falcon" => throw new UsageException($"'{name}' is the name of another program's protocol; expected replicated3, securenn or plain.", "Use --protocol replicated3: it shares values in the same way among three servers."),
            _ => throw new UsageException($"--protocol is '{name}'; expected replicated3, securenn or plain.", "Use --protocol replicated3."),
        };
    }
}
