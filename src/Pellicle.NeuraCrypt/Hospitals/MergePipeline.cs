using System.Text.Json;
using Pellicle.Core.Errors;
using Pellicle.Core.Files;
using Pellicle.Data.Encodings;
using Pellicle.Formats.Json;
using Pellicle.NeuraCrypt.Release;

namespace Pellicle.NeuraCrypt.Hospitals;

/// <summary>What <c>encode merge</c> is asked to do.</summary>
public sealed record MergeRequest
{
    /// <summary>Name and public folder of each hospital; at least one.</summary>
    public required IReadOnlyList<(string Name, string Folder)> Releases { get; init; }

    /// <summary>Takes the merged manifest; no encoding is copied.</summary>
    public required string OutFolder { get; init; }

    /// <summary>The specification all hospitals agreed on, or null to compare them with each other only.</summary>
    public string? SpecificationFile { get; init; }

    /// <summary>Refuse releases without a signature.</summary>
    public bool RequireSignatures { get; init; }
}

/// <summary>One hospital of a merge.</summary>
/// <param name="Name">Of the hospital.</param>
/// <param name="Folder">Its public folder, relative to the merge.</param>
/// <param name="ManifestSha256">Hex.</param>
/// <param name="KeyId">Of its key.</param>
/// <param name="Images">Encodings.</param>
/// <param name="Signer">SHA-256 of the public key that signed the manifest, in hex; null if it is not signed. Compare it with what the hospital says by another way.</param>
public sealed record MergedRelease(string Name, string Folder, string ManifestSha256, string KeyId, int Images, string? Signer);

/// <summary>What <c>encode merge</c> tells; the sources are also the content of the merged manifest.</summary>
/// <param name="OutDir">Source for training: <c>encoded:DIR</c>.</param>
/// <param name="Sources">The hospitals.</param>
/// <param name="Images">Encodings in all.</param>
/// <param name="SpecificationHash">Of the specification given, or null.</param>
/// <param name="Warning">The honest wording.</param>
public sealed record MergeResult(string OutDir, IReadOnlyList<MergedRelease> Sources, int Images, string? SpecificationHash, string Warning);

/// <summary>The coordinator's part: read manifests → verify signatures → compare with the specification → verify hashes of all files → write one manifest.</summary>
/// <remarks>The merge needs no key and no picture. Two hospitals with one key are refused: each would hold what opens the other's encodings.</remarks>
public static class MergePipeline
{
    /// <summary>Runs it.</summary>
    /// <param name="request">Which releases, where to.</param>
    /// <param name="cancellation">Looked at between files.</param>
    /// <exception cref="PellicleException">A release is damaged, signed by nobody or wrongly, or does not fit the others: all problems together.</exception>
    public static MergeResult Run(MergeRequest request, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        EncodingSpecification? specification = request.SpecificationFile is { } file ? EncodingSpecification.Read(file) : null;
        (string Name, string Folder, EncodedManifest Manifest)[] releases = [.. request.Releases.Select(r => (r.Name, r.Folder, PublicTables.ReadManifest(r.Folder)))];
        Problem[] problems =
        [
            .. Names(releases.Select(r => r.Name)),
            .. releases.GroupBy(r => r.Manifest.KeyId).Where(g => g.Count() > 1).Select(g => new Problem(g.Last().Folder, $"'{g.Last().Name}' has the key {g.Key} of '{g.First().Name}': one leaked picture-encoding set would open both.", "Each hospital makes its own key with 'encode keygen --spec'.")),
            .. releases.SelectMany(r => Check(r.Name, r.Folder, r.Manifest, releases[0].Manifest, specification, request.RequireSignatures)),
            .. releases.SelectMany(r => Hashes(r.Name, r.Folder, r.Manifest, cancellation)),
        ];
        if (problems.Length > 0)
        {
            throw new DataFormatException(problems[0].Message + (problems.Length > 1 ? $" ({problems.Length - 1} more problems)" : ""), problems[0].Hint, problems);
        }

        string place = Path.GetFullPath(request.OutFolder);
        MergedRelease[] sources = [.. releases.Select(r => new MergedRelease(r.Name, Path.GetRelativePath(place, Path.GetFullPath(r.Folder)).Replace('\\', '/'), FileHash.Of(Path.Combine(r.Folder, EncodedManifest.FileName)), r.Manifest.KeyId, r.Manifest.Count, SignerOf(r.Manifest)))];
        var merged = new MergedManifest(MergedFolders.Format, 1, sources, specification?.Hash, HonestWording.Paragraph);
        Directory.CreateDirectory(place);
        AtomicFile.WriteAllBytes(Path.Combine(place, EncodedManifest.FileName), JsonSerializer.SerializeToUtf8Bytes(merged, PellicleJson.Indented));
        return new MergeResult(request.OutFolder, sources, sources.Sum(s => s.Images), specification?.Hash, HonestWording.Paragraph);
    }

    private static IEnumerable<Problem> Names(IEnumerable<string> names) => names.GroupBy(name => name)
        .Where(g => g.Count() > 1 || g.Key.Length == 0 || g.Key.Contains('/', StringComparison.Ordinal))
        .Select(g => new Problem("--names", $"the hospital '{g.Key}' is named {g.Count()} times, or its name is empty or has a slash.", "Give each hospital a name of its own with --names."));

    private static IEnumerable<Problem> Check(string name, string folder, EncodedManifest manifest, EncodedManifest first, EncodingSpecification? specification, bool requireSignature)
    {
        if (ManifestSigning.IsValid(manifest) is not { } isValid)
        {
            if (requireSignature)
            {
                yield return new Problem(folder, $"the manifest of '{name}' is not signed.", "The hospital signs it with 'encode run --sign KEY'.");
            }
        }
        else if (!isValid)
        {
            yield return new Problem(folder, $"the signature of '{name}' is not valid: the manifest was changed after signing.", "Get the release again from the hospital.");
        }

        if (manifest.Classes.Count == 0)
        {
            yield return new Problem(folder, $"the release of '{name}' has no labels to train on.", "The hospital publishes labels with 'encode run --labels publish'.");
        }

        if (specification is not null && (manifest.Specification != specification.Hash || manifest.ArchitecturePublic != specification.Architecture || !manifest.Classes.All(specification.Classes.Contains)))
        {
            yield return new Problem(folder, $"the release of '{name}' was not made under this specification (its key: {manifest.Specification ?? "none"}, expected {specification.Hash}), or has other classes.", "Make the key with 'encode keygen --spec FILE'.");
        }
        else if (manifest.ArchitecturePublic != first.ArchitecturePublic || manifest.Preprocessing != first.Preprocessing)
        {
            yield return new Problem(folder, $"the encodings of '{name}' have another architecture or preprocessing than those of the first release.", "All hospitals make their keys from one specification.");
        }
    }

    private static IEnumerable<Problem> Hashes(string name, string folder, EncodedManifest manifest, CancellationToken cancellation)
    {
        foreach (string file in PublicTables.Changed(folder, manifest))
        {
            cancellation.ThrowIfCancellationRequested();
            yield return new Problem(Path.Combine(folder, file), $"'{file}' of '{name}' is missing or is not the file of its manifest (SHA-256 differs).", "Get the release again from the hospital.");
        }
    }

    private static string? SignerOf(EncodedManifest manifest) => manifest.Signature is { } signature ? FileHash.Of(Convert.FromBase64String(signature.PublicKey)) : null;

    private sealed record MergedManifest(string Format, int Version, IReadOnlyList<MergedRelease> Sources, string? Specification, string Warning);
}
