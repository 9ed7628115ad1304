using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Pellicle.Formats.Json;
using Pellicle.Mpc.Channels;
using Pellicle.Mpc.Core;

namespace Pellicle.Mpc.Compiler;

/// <summary>What the parties agree on before anything runs: layers, ranges, rounds and bytes. Holds no weight and no key.</summary>
public sealed record MpcPlan
{
    /// <summary>Version of this description.</summary>
    public int Version { get; init; } = 1;

    /// <summary>Protocol.</summary>
    public required string Protocol { get; init; }

    /// <summary>f.</summary>
    public required int FractionalBits { get; init; }

    /// <summary>Elements of an image.</summary>
    public required int InputCount { get; init; }

    /// <summary>Layers with their declared cost.</summary>
    public required IReadOnlyList<PlannedLayer> Layers { get; init; }

    /// <summary>Rounds of one prediction, until every party holds its part of the result.</summary>
    public required long Rounds { get; init; }

    /// <summary>Bytes of one prediction, all links, headers included.</summary>
    public required long Bytes { get; init; }

    /// <summary>Bytes of the link direction that carries most.</summary>
    public required long BusiestDirectionBytes { get; init; }

    /// <summary>SHA-256 of the plan as one line of JSON, without this field; hexadecimal.</summary>
    [JsonIgnore]
    public string Hash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(this, PellicleJson.Line))));

    /// <summary>First four bytes of the hash: what every message carries.</summary>
    [JsonIgnore]
    public uint Id => Convert.ToUInt32(Hash[..8], 16);

    /// <summary>Seconds of one prediction on a network, besides computing.</summary>
    /// <param name="network">Delay and rate.</param>
    public double SecondsOn(SimulatedNetwork network)
    {
        ArgumentNullException.ThrowIfNull(network);
        return network.Seconds(Rounds, BusiestDirectionBytes);
    }

    /// <summary>Scale of values.</summary>
    [JsonIgnore]
    public FixedPoint Point => new(FractionalBits);
}

/// <summary>One layer of a plan.</summary>
/// <param name="Name">Name of the layer.</param>
/// <param name="Operator">What it computes.</param>
/// <param name="OutputCount">Elements of its result.</param>
/// <param name="Range">What calibration found.</param>
/// <param name="Rounds">By how much it lengthens the longest chain of messages.</param>
/// <param name="Bytes">Bytes of all links, headers included.</param>
/// <param name="Messages">Messages of all parties.</param>
public sealed record PlannedLayer(string Name, string Operator, int OutputCount, LayerRange Range, long Rounds, long Bytes, long Messages);
