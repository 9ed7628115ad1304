using Pellicle.Core.Random;
using Pellicle.NeuraCrypt.Encoders;
using Pellicle.NeuraCrypt.Keys;

namespace Pellicle.NeuraCrypt;

/// <summary>What a new key is for.</summary>
public sealed record KeygenRequest
{
    /// <summary>Family, sizes, preprocessing.</summary>
    public required EncoderArchitecture Architecture { get; init; }

    /// <summary>Where the key goes.</summary>
    public required string OutFile { get; init; }

    /// <summary>Weights of the reference, or null to derive them.</summary>
    public string? ImportFile { get; init; }

    /// <summary>Hash of the specification the key is made under, or null.</summary>
    public string? Specification { get; init; }

    /// <summary>Who made it; readable in the file.</summary>
    public string? Owner { get; init; }
}

/// <summary>What <c>encode keygen</c> tells; nothing secret.</summary>
/// <param name="KeyFile">Path.</param>
/// <param name="KeyId">128 random bits in hex.</param>
/// <param name="Architecture">As asked for.</param>
/// <param name="Derivation">How weights follow from the key; "none" for imported ones.</param>
/// <param name="Sealed">True if a passphrase is needed to open it.</param>
/// <param name="LegacyImport">True if the weights came from elsewhere.</param>
/// <param name="Warning">The honest wording.</param>
public sealed record KeygenResult(string KeyFile, string KeyId, EncoderArchitecture Architecture, string Derivation, bool Sealed, bool LegacyImport, string Warning)
{
    /// <summary>Files with shares of the passphrase; empty unless it was split.</summary>
    public IReadOnlyList<string> Shares { get; init; } = [];
}

/// <summary>Makes a key: check the architecture → read imported weights, if any → draw a seed → seal → write.</summary>
/// <param name="clock">Day in the file.</param>
public sealed class KeygenPipeline(TimeProvider clock)
{
    /// <summary>Makes and writes a key.</summary>
    /// <param name="request">What for.</param>
    /// <param name="passphrase">Seals it; null leaves it unsealed.</param>
    /// <exception cref="Core.Errors.PellicleException">Sizes that do not fit, unusable weights, or a place that cannot be written.</exception>
    public KeygenResult Run(KeygenRequest request, Passphrase? passphrase)
    {
        ArgumentNullException.ThrowIfNull(request);
        request.Architecture.Validate();
        EncoderWeights? imported = request.ImportFile is { } file ? EncoderWeights.Read(file, request.Architecture) : null;
        var random = new SystemSecureRandom();
        using EncoderKey key = EncoderKey.Create(request.Architecture, random, clock.GetUtcNow(), request.Owner, imported, request.Specification);
        key.Save(request.OutFile, passphrase, random);
        return new KeygenResult(request.OutFile, key.KeyId, key.Architecture, key.Derivation, passphrase is not null, key.IsLegacyImport, HonestWording.Paragraph);
    }
}
