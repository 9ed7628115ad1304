using Pellicle.Core.Errors;
using Pellicle.Data;
using Pellicle.Data.Splits;
using Pellicle.NeuraCrypt.Release;

namespace Pellicle.NeuraCrypt.Hospitals;

/// <summary>Several hospitals in one process.</summary>
public sealed record SimulateRequest
{
    /// <summary>Pictures of one owner.</summary>
    public required string Source { get; init; }

    /// <summary>How to read them.</summary>
    public required DatasetOptions Options { get; init; }

    /// <summary>What the hospitals agree on.</summary>
    public required EncodingSpecification Specification { get; init; }

    /// <summary>Hospitals, at least 2.</summary>
    public required int Hospitals { get; init; }

    /// <summary>Takes a folder for each hospital and the merge.</summary>
    public required string OutFolder { get; init; }

    /// <summary>Number format of encodings.</summary>
    public EncodingType Type { get; init; }

    /// <summary>Threads.</summary>
    public int Threads { get; init; } = 2;
}

/// <summary>Divides pictures among hospitals by patient → each makes a key from the specification and encodes its own → merge. For experiments: the keys lie beside the encodings, unsealed.</summary>
/// <param name="clock">Dates.</param>
/// <param name="warn">Takes warnings.</param>
/// <param name="progress">Takes images done and images in all.</param>
public sealed class SimulatePipeline(TimeProvider clock, Action<string> warn, Action<int, int> progress)
{
    private const string Reason = "simulation in one process: nothing is published";

    /// <summary>Runs it.</summary>
    /// <param name="request">Pictures, specification, number of hospitals.</param>
    /// <param name="cancellation">Looked at between batches.</param>
    /// <returns>The merge; its folder is a source for training.</returns>
    public MergeResult Run(SimulateRequest request, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Hospitals is < 2 or > 64)
        {
            throw new UsageException($"--simulate is {request.Hospitals}; expected 2 to 64 hospitals.", "Two are enough to compare alone and joint.");
        }

        warn("simulated hospitals: their keys lie unsealed beside their encodings, for experiments only");
        request.Specification.Write(Path.Combine(request.OutFolder, "specification.json"));
        var releases = new List<(string Name, string Folder)>();
        for (int h = 0; h < request.Hospitals; h++)
        {
            string name = $"hospital-{h + 1}";
            string folder = Path.Combine(request.OutFolder, name);
            Encode(request, h, folder, cancellation);
            releases.Add((name, Path.Combine(folder, "public")));
        }

        return MergePipeline.Run(new MergeRequest { Releases = releases, OutFolder = Path.Combine(request.OutFolder, "merged"), SpecificationFile = Path.Combine(request.OutFolder, "specification.json") }, cancellation);
    }

    /// <summary>The hospital of a picture: by a hash of its patient, or of its file where patients are not known.</summary>
    internal static int HospitalOf(ImageRecord record, int hospitals) =>
        (int)(StableHash.Position("hospital", 0, record.Patient ?? record.File) * hospitals);

    private void Encode(SimulateRequest request, int hospital, string folder, CancellationToken cancellation)
    {
        if (File.Exists(Path.Combine(folder, "public", EncodedManifest.FileName)))
        {
            return; // finished by an earlier call
        }

        string key = Path.Combine(folder, "secret", "encoder.key");
        if (!File.Exists(key))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(key)!);
            new KeygenPipeline(clock).Run(new KeygenRequest { Architecture = request.Specification.Architecture, OutFile = key, Specification = request.Specification.Hash, Owner = Path.GetFileName(folder) }, null);
        }

        new EncodePipeline(clock, warn, progress).Run(
            new EncodeRequest
            {
                Source = request.Source,
                Options = request.Options,
                KeyFile = key,
                PublicFolder = Path.Combine(folder, "public"),
                SecretFolder = Path.Combine(folder, "secret"),
                Type = request.Type,
                Include = record => HospitalOf(record, request.Hospitals) == hospital,
                Audit = AuditLevel.Off,
                AcceptedReason = Reason,
                Threads = request.Threads,
            },
            null,
            cancellation);
    }
}
