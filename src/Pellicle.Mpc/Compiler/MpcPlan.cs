using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Pellicle.Core.Errors;
using Pellicle.Formats.Json;
using Pellicle.Mpc.Channels;
using Pellicle.Mpc.Core;

namespace Pellicle.Mpc.Compiler;

/// <summary>What client and parties agree on before anything runs: input, layers, ranges, messages, rounds and bytes. Holds no weight and no key.</summary>
/// <remarks>All of it is public: whoever takes part knows layer types and shapes, scales and sign widths.</remarks>
public sealed record MpcPlan
{
    /// <summary>The version of this description that is written and read.</summary>
    public const int CurrentVersion = 2;

    /// <summary>Version of this description.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>Protocol: replicated3 or plain.</summary>
    public required string Protocol { get; init; }

    /// <summary>f, 13 to 16.</summary>
    public required int FractionalBits { get; init; }

    /// <summary>Images of one prediction.</summary>
    public int Batch { get; init; } = 1;

    /// <summary>Elements that a layer works on at once where it may, at least 64.</summary>
    public int ChunkElements { get; init; } = int.MaxValue;

    /// <summary>What the client learns.</summary>
    public RevealedResult Reveal { get; init; }

    /// <summary>How one image is prepared.</summary>
    public required InputContract Input { get; init; }

    /// <summary>Names in the order of the logits.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>Layers with their declared cost, for <see cref="Batch"/> images.</summary>
    public required IReadOnlyList<PlannedLayer> Layers { get; init; }

    /// <summary>Rounds of one prediction, until every party holds its part of the result.</summary>
    public required long Rounds { get; init; }

    /// <summary>Bytes of one prediction, all links, headers included.</summary>
    public required long Bytes { get; init; }

    /// <summary>Bytes of the link direction that carries most.</summary>
    public required long BusiestDirectionBytes { get; init; }

    /// <summary>SHA-256 of the weight shares, one a slot, hexadecimal; empty while no shares have been made.</summary>
    public IReadOnlyList<string> WeightShareHashes { get; init; } = [];

    /// <summary>SHA-256 of <see cref="ToBytes"/>, hexadecimal.</summary>
    [JsonIgnore]
    public string Hash => Convert.ToHexStringLower(SHA256.HashData(ToBytes()));

    /// <summary>First four bytes of the hash: what every message carries.</summary>
    [JsonIgnore]
    public uint Id => Convert.ToUInt32(Hash[..8], 16);

    /// <summary>Elements of all images of one prediction.</summary>
    [JsonIgnore]
    public int InputCount => checked(Input.Count * Batch);

    /// <summary>Scale of values.</summary>
    [JsonIgnore]
    public FixedPoint Point => new(FractionalBits);

    /// <summary>What calibration found, one a layer.</summary>
    [JsonIgnore]
    public IReadOnlyList<LayerRange> Ranges => [.. Layers.Select(layer => layer.Range)];

    /// <summary>The plan as canonical JSON: one line of UTF-8, fixed order of fields. The same plan gives the same bytes.</summary>
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, PellicleJson.Line);

    /// <summary>The network that the plan describes, without the values of its constants: what a party runs.</summary>
    public Network ToNetwork() => new(InputCount, [.. Layers.Select(layer => layer.Layer)]);

    /// <summary>Refuses an input that does not fit.</summary>
    /// <param name="count">Elements of the input.</param>
    /// <exception cref="DataFormatException">Another number than the plan says.</exception>
    public void RequireInput(int count)
    {
        if (count != InputCount)
        {
            throw new DataFormatException($"the input has {count} values; expected {InputCount} ({Batch} x {Input.Count}), as the plan says.", "Prepare the images as the plan's input contract says.");
        }
    }

    /// <summary>Seconds of one prediction on a network, besides computing.</summary>
    /// <param name="network">Delay and rate.</param>
    public double SecondsOn(SimulatedNetwork network)
    {
        ArgumentNullException.ThrowIfNull(network);
        return network.Seconds(Rounds, BusiestDirectionBytes);
    }
}
