using System.Text.Json;
using System.Text.Json.Serialization;
using Pellicle.Core.Errors;
using Pellicle.Core.Files;
using Pellicle.Formats.Json;
using Pellicle.NeuraCrypt.Encoders;

namespace Pellicle.NeuraCrypt.Keys;

/// <summary>The file of a key: a public header and a sealed content.</summary>
public sealed record EncoderKeyFile
{
    /// <summary>Value of <see cref="Format"/>.</summary>
    public const string FormatName = "pellicle-encoder-key";

    private const long MostBytes = 1L << 30;

    /// <summary>Tells the file from others.</summary>
    public string Format { get; init; } = FormatName;

    /// <summary>Version of the layout.</summary>
    public int Version { get; init; } = 1;

    /// <summary>128 random bits in hex.</summary>
    public required string KeyId { get; init; }

    /// <summary>Public description of the encoder.</summary>
    public required EncoderArchitecture Architecture { get; init; }

    /// <summary>How weights follow from the seed; "none" for imported weights.</summary>
    public string Derivation { get; init; } = WeightDerivation.Name;

    /// <summary>Day of making.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>Who made it, free text, or null.</summary>
    public string? Owner { get; init; }

    /// <summary>True if the weights came from elsewhere: not re-derivable, and with 32 bits of entropy if they are the reference's.</summary>
    public bool LegacyImport { get; init; }

    /// <summary>Hash of the specification the key was made under, or null. Left out of the file if null, so that older seals stay valid.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Specification { get; init; }

    /// <summary>Data sets encoded so far.</summary>
    public IReadOnlyList<KeyUse> Uses { get; init; } = [];

    /// <summary>The sealed content.</summary>
    public required SealedBox Sealed { get; init; }

    /// <summary>True if the content is sealed by a passphrase.</summary>
    [JsonIgnore]
    public bool NeedsPassphrase => Sealed.Kdf != "none";

    /// <summary>What the seal also authenticates: everything but the seal itself.</summary>
    internal byte[] AssociatedData() => JsonSerializer.SerializeToUtf8Bytes(this with { Sealed = SealedBox.Empty }, PellicleJson.Line);

    /// <summary>Reads a file.</summary>
    /// <param name="path">The key file.</param>
    /// <exception cref="DataFormatException">Missing, or no key file; nothing of its content is shown.</exception>
    public static EncoderKeyFile Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            if (new FileInfo(path).Length > MostBytes)
            {
                throw new DataFormatException($"'{path}' is too large for a key file.", "Give the file that 'encode keygen' wrote.");
            }

            EncoderKeyFile? file = JsonSerializer.Deserialize<EncoderKeyFile>(File.ReadAllBytes(path), PellicleJson.Indented);
            if (file is null || file.Format != FormatName || file.Version != 1 || file.KeyId is not { Length: 32 } || file.Sealed is null || file.Architecture is null || file.Uses is null)
            {
                throw new DataFormatException($"'{path}' is no key file of version 1 ('{FormatName}').", "Give the file that 'encode keygen' wrote.");
            }

            file.Architecture.Validate();
            return file;
        }
        catch (JsonException e)
        {
            throw new DataFormatException($"'{path}' is no key file: it is not the expected JSON (line {e.LineNumber + 1}).", "Give the file that 'encode keygen' wrote.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataFormatException($"the key file '{path}' cannot be read: {e.Message.Split('\n')[0]}", "Check path and permissions.", inner: e);
        }
    }

    /// <summary>Writes the file, readable by its owner only.</summary>
    /// <param name="path">Final path.</param>
    public void Write(string path)
    {
        byte[] bytes = JsonSerializer.SerializeToUtf8Bytes(this, PellicleJson.Indented);
        AtomicFile.Write(path, stream => stream.Write(bytes), UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}

/// <summary>One data set encoded under a key.</summary>
/// <param name="Date">When.</param>
/// <param name="DatasetHash">Fingerprint of the data set, so that the same one again is told from a second one.</param>
/// <param name="Images">Images encoded.</param>
public sealed record KeyUse(DateTimeOffset Date, string DatasetHash, int Images);
