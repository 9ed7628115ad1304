using Pellicle.Core.Errors;
using Pellicle.Mpc.Core;

namespace Pellicle.Mpc.Protocols;

/// <summary>The protocols of this version.</summary>
public enum MpcProtocol
{
    /// <summary>Three servers with replicated shares, one of whom may be curious.</summary>
    Replicated3,

    /// <summary>The same fixed-point computation in the clear: no protection.</summary>
    Plain,
}

/// <summary>Names and guarantees of protocols.</summary>
public static class MpcProtocols
{
    /// <summary>Name on command lines and in plans.</summary>
    /// <param name="protocol">The protocol.</param>
    public static string Name(this MpcProtocol protocol) => protocol == MpcProtocol.Plain ? "plain" : "replicated3";

    /// <summary>Against whom it protects.</summary>
    /// <param name="protocol">The protocol.</param>
    public static ThreatModel ThreatModel(this MpcProtocol protocol) => protocol == MpcProtocol.Plain ? Core.ThreatModel.None : Core.ThreatModel.OneCuriousServer;

    /// <summary>Number of servers.</summary>
    /// <param name="protocol">The protocol.</param>
    public static int Parties(this MpcProtocol protocol) => protocol == MpcProtocol.Plain ? 1 : PartyId.Count;

    /// <summary>Reads a name.</summary>
    /// <param name="name">As written by the user or in a plan.</param>
    /// <exception cref="UsageException">No protocol of this version; names of other tools get a hint.</exception>
    public static MpcProtocol Parse(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.ToLowerInvariant() switch
        {
            "replicated3" => MpcProtocol.Replicated3,
            "plain" => MpcProtocol.Plain,
            "securenn" or "masked" => throw new UsageException($"the protocol '{name}' is not in this version; expected replicated3 or plain.", "Use --protocol replicated3: three servers as well, with fewer bytes and rounds."),
            "pond" or "aby3" or "rep3" or "falcon" => throw new UsageException($"'{name}' is the name of another program's protocol; expected replicated3 or plain.", "Use --protocol replicated3: it shares values in the same way among three servers."),
            _ => throw new UsageException($"--protocol is '{name}'; expected replicated3 or plain.", "Use --protocol replicated3."),
        };
    }
}
