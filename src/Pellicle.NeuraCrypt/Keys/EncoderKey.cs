using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.NeuraCrypt.Encoders;
using Pellicle.Nn;

namespace Pellicle.NeuraCrypt.Keys;

/// <summary>An opened key: seed, frozen statistics and use counter. Dispose it to zero the seed.</summary>
public sealed class EncoderKey : IDisposable
{
    private readonly SecretBytes _seed;
    private readonly EncoderWeights? _imported;
    private EncoderKeyFile _file;

    private EncoderKey(EncoderKeyFile file, SecretBytes seed, IReadOnlyList<NormStatistics>? statistics, EncoderWeights? imported)
    {
        _file = file;
        _seed = seed;
        _imported = imported;
        Statistics = statistics;
    }

    /// <summary>128 random bits in hex; public.</summary>
    public string KeyId => _file.KeyId;

    /// <summary>Family, sizes, preprocessing; public.</summary>
    public EncoderArchitecture Architecture => _file.Architecture;

    /// <summary>True if the weights came from elsewhere.</summary>
    public bool IsLegacyImport => _file.LegacyImport;

    /// <summary>Name of the derivation; "none" for imported weights.</summary>
    public string Derivation => _file.Derivation;

    /// <summary>Hash of the specification the key was made under, or null.</summary>
    public string? Specification => _file.Specification;

    /// <summary>Data sets encoded so far.</summary>
    public IReadOnlyList<KeyUse> Uses => _file.Uses;

    /// <summary>Frozen statistics; null until calibrated, or if the mode needs none.</summary>
    public IReadOnlyList<NormStatistics>? Statistics { get; private set; }

    /// <summary>True if the encoder cannot run before it was calibrated on the owner's images.</summary>
    public bool NeedsCalibration => Architecture is { Normalisation: EncoderNormalisation.Frozen, Kind: EncoderKind.Conv } && Statistics is null;

    /// <summary>Makes a new key.</summary>
    /// <param name="architecture">What it will encode.</param>
    /// <param name="random">The cryptographic generator.</param>
    /// <param name="created">Now.</param>
    /// <param name="owner">Free text, or null.</param>
    /// <param name="imported">Weights from elsewhere, or null to derive them.</param>
    /// <param name="specification">Hash of the specification it is made under, or null.</param>
    public static EncoderKey Create(EncoderArchitecture architecture, ISecureRandom random, DateTimeOffset created, string? owner = null, EncoderWeights? imported = null, string? specification = null)
    {
        ArgumentNullException.ThrowIfNull(architecture);
        ArgumentNullException.ThrowIfNull(random);
        architecture.Validate();
        var id = new byte[16];
        random.Fill(id);
        var file = new EncoderKeyFile
        {
            KeyId = Convert.ToHexStringLower(id),
            Architecture = architecture,
            Created = created,
            Owner = owner,
            Specification = specification,
            LegacyImport = imported is not null,
            Derivation = imported is null ? WeightDerivation.Name : "none",
            Sealed = SealedBox.Empty,
        };
        bool hasNorms = architecture is { Kind: EncoderKind.Conv, Depth: > 0 };
        return new EncoderKey(file, SecretBytes.Draw(random, WeightDerivation.SeedBytes), hasNorms ? null : [], imported);
    }

    /// <summary>Opens a key file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="passphrase">Null for unsealed files.</param>
    /// <exception cref="PellicleException">No key file, no or the wrong passphrase, or changed.</exception>
    public static EncoderKey Open(string path, Passphrase? passphrase)
    {
        EncoderKeyFile file = EncoderKeyFile.Read(path);
        using SecretBytes content = file.Sealed.Open(passphrase, file.AssociatedData(), path);
        (SecretBytes seed, IReadOnlyList<NormStatistics>? statistics, EncoderWeights? imported) = KeyContent.Read(content, file.Architecture, path);
        return new EncoderKey(file, seed, statistics, imported);
    }

    /// <summary>Seals and writes the key file.</summary>
    /// <param name="path">Final path, mode 0600.</param>
    /// <param name="passphrase">Null leaves it unsealed: tests only.</param>
    /// <param name="random">For salt and nonce.</param>
    /// <param name="iterations">Of PBKDF2.</param>
    public void Save(string path, Passphrase? passphrase, ISecureRandom random, int iterations = SealedBox.DefaultIterations)
    {
        using SecretBytes content = KeyContent.Write(_seed.Span, Statistics, _imported);
        (_file with { Sealed = SealedBox.Seal(content.Span, passphrase, _file.AssociatedData(), random, iterations) }).Write(path);
    }

    /// <summary>The weights: derived, or those imported.</summary>
    public EncoderWeights DeriveWeights() => _imported ?? WeightDerivation.Derive(_seed.Span, KeyId, Architecture);

    /// <summary>The encoder.</summary>
    /// <param name="precision">Number format of the operands of products.</param>
    /// <exception cref="InvalidOperationException">It was not calibrated.</exception>
    public PrivateEncoder OpenEncoder(ProductPrecision precision = ProductPrecision.Float32) => new(DeriveWeights(), Statistics, precision);

    /// <summary>A key for another purpose.</summary>
    /// <param name="purpose">Distinct for each purpose.</param>
    internal SecretBytes Subkey(string purpose) => WeightDerivation.Subkey(_seed.Span, $"{purpose}|{KeyId}");

    /// <summary>Takes the statistics of a calibration.</summary>
    /// <param name="statistics">One per norm.</param>
    public void Freeze(IReadOnlyList<NormStatistics> statistics) => Statistics = statistics;

    /// <summary>Notes that a data set was encoded.</summary>
    /// <param name="use">Date, fingerprint, count.</param>
    public void AddUse(KeyUse use) => _file = _file with { Uses = [.. _file.Uses, use] };

    /// <summary>Zeroes the seed.</summary>
    public void Dispose() => _seed.Dispose();

    /// <summary>Kind and length only.</summary>
    public override string ToString() => $"EncoderKey ({WeightDerivation.SeedBytes} bytes)";
}
