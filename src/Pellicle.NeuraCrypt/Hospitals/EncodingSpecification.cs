using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Pellicle.Core.Errors;
using Pellicle.Core.Files;
using Pellicle.Formats.Json;
using Pellicle.NeuraCrypt.Encoders;

namespace Pellicle.NeuraCrypt.Hospitals;

/// <summary>What several hospitals agree on before any of them makes a key: family and sizes of encoders, preprocessing, classes. Public; its hash goes into keys and manifests.</summary>
/// <param name="Architecture">Family, sizes, preprocessing.</param>
/// <param name="Classes">Label schema, in order.</param>
public sealed record EncodingSpecification(EncoderArchitecture Architecture, IReadOnlyList<string> Classes)
{
    private const string FormatName = "pellicle-encoding-specification";
    private const long MostBytes = 1 << 20;

    /// <summary>Tells the file from others.</summary>
    public string Format { get; init; } = FormatName;

    /// <summary>Version of the layout.</summary>
    public int Version { get; init; } = 1;

    /// <summary>SHA-256 over all other fields, in hex.</summary>
    [JsonIgnore]
    public string Hash => Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(this, PellicleJson.Line)));

    /// <summary>Reads a specification.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="DataFormatException">Missing, damaged, of another kind, or with sizes that do not fit.</exception>
    public static EncodingSpecification Read(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        try
        {
            EncodingSpecification? read = new FileInfo(path).Length <= MostBytes ? JsonSerializer.Deserialize<EncodingSpecification>(File.ReadAllBytes(path), PellicleJson.Indented) : null;
            if (read is not { Format: FormatName, Version: 1, Architecture: not null, Classes.Count: >= 2 } || read.Classes.Distinct().Count() != read.Classes.Count)
            {
                throw new DataFormatException($"'{path}' is no specification of encodings with at least two classes.", "Give the file of 'encode spec'.");
            }

            read.Architecture.Validate();
            return read;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new DataFormatException($"'{path}' cannot be read: {e.Message.Split('\n')[0]}", "Give the file of 'encode spec'.", inner: e);
        }
    }

    /// <summary>Writes the file.</summary>
    /// <param name="path">Final path.</param>
    public void Write(string path)
    {
        Architecture.Validate();
        AtomicFile.WriteAllBytes(path, JsonSerializer.SerializeToUtf8Bytes(this, PellicleJson.Indented));
    }
}
