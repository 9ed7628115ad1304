using System.Text.Json.Serialization;
using Pellicle.Mpc.Compiler.Layers;
using Pellicle.Mpc.Protocols;

namespace Pellicle.Mpc.Compiler;

/// <summary>One layer of a plan.</summary>
/// <param name="Layer">What it computes, without the values of its constants.</param>
/// <param name="Range">What calibration found.</param>
/// <param name="Secrets">Its secret constants, without values, in the order in which they are shared.</param>
/// <param name="Rounds">By how much it lengthens the longest chain of messages.</param>
/// <param name="Bytes">Bytes of all links, headers included.</param>
/// <param name="Messages">Messages of all parties, in the order of their declaration.</param>
public sealed record PlannedLayer(NetworkLayer Layer, LayerRange Range, IReadOnlyList<SecretShape> Secrets, long Rounds, long Bytes, IReadOnlyList<DeclaredMessage> Messages)
{
    /// <summary>Name of the layer.</summary>
    [JsonIgnore]
    public string Name => Layer.Name;

    /// <summary>What it computes.</summary>
    [JsonIgnore]
    public string Operator => Layer.OperatorName;
}
