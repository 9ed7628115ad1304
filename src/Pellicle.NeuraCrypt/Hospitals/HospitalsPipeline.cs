using Pellicle.Core.Errors;
using Pellicle.Data.Encodings;
using Pellicle.Privacy.Statement;
using Pellicle.Training;
using Pellicle.Training.Configuration;
using Pellicle.Training.Metrics;

namespace Pellicle.NeuraCrypt.Hospitals;

/// <summary>What <c>encode hospitals</c> trains.</summary>
public sealed record HospitalsRequest
{
    /// <summary>Settings of all runs; the sources are set here.</summary>
    public required TrainConfig Config { get; init; }

    /// <summary>Folder of <c>encode merge</c>.</summary>
    public required string MergedFolder { get; init; }

    /// <summary>Takes a run folder for the joint classifier and one for each hospital alone.</summary>
    public required string OutFolder { get; init; }
}

/// <summary>One hospital: the classifier trained on its encodings alone against the joint one, both on its test images.</summary>
/// <param name="Name">Of the hospital.</param>
/// <param name="Alone">Metrics of its own classifier.</param>
/// <param name="Joint">Metrics of the joint classifier.</param>
/// <param name="ElsewhereAlone">Its own classifier on the test encodings of the others, which other keys made: near chance unless the keys do not matter.</param>
/// <param name="AlonePrivacy">What its own run guarantees to its training images.</param>
public sealed record HospitalResult(string Name, ClassificationMetrics? Alone, ClassificationMetrics? Joint, IReadOnlyList<GroupMetrics> ElsewhereAlone, PrivacyStatement AlonePrivacy);

/// <summary>What <c>encode hospitals</c> tells.</summary>
/// <param name="OutDir">Folder of the runs.</param>
/// <param name="Hospitals">Each hospital.</param>
/// <param name="JointTest">Metrics of the joint classifier over all test images.</param>
/// <param name="Runs">Run folders: joint first.</param>
/// <param name="JointPrivacy">What the joint run guarantees; both runs of a hospital use its images, so their costs add up.</param>
/// <param name="Simulated">True if one owner's pictures were divided.</param>
/// <param name="Warning">The honest wording.</param>
public sealed record HospitalsResult(string OutDir, IReadOnlyList<HospitalResult> Hospitals, ClassificationMetrics? JointTest, IReadOnlyList<string> Runs, PrivacyStatement JointPrivacy, bool Simulated, string Warning);

/// <summary>Trains one classifier on the merged encodings of several hospitals, and one on each alone: hospitals and classes drawn equally often → metrics by hospital with intervals.</summary>
/// <remarks>Every image is encoded with the key of its own hospital only (the reference encodes each with every key, and mixes both hospitals in one batch's statistics).</remarks>
/// <param name="clock">For run folders.</param>
/// <param name="observer">Told about progress.</param>
public sealed class HospitalsPipeline(TimeProvider clock, ITrainingObserver observer)
{
    /// <summary>Runs it.</summary>
    /// <param name="request">Settings and folders.</param>
    /// <param name="cancellation">Ends after the current step; the run folders stay.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public HospitalsResult Run(HospitalsRequest request, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        (string Name, string Folder)[] hospitals = Releases(request.MergedFolder);
        TrainConfig common = request.Config;
        bool isOrdinary = common.Privacy.NonPrivate;
        observer.Note($"joint: {hospitals.Length} hospitals");
        TrainResult joint = Train("joint", request.OutFolder, common with
        {
            Data = common.Data with { Source = "encoded:" + request.MergedFolder, Retest = [] },
            Train = common.Train with { SourceBalance = isOrdinary, ClassBalance = isOrdinary },
        }, cancellation);
        var results = new List<HospitalResult>();
        var runs = new List<string> { joint.RunDir };
        foreach ((string name, string folder) in hospitals)
        {
            cancellation.ThrowIfCancellationRequested();
            observer.Note($"alone: {name}");
            string[] others = [.. hospitals.Where(other => other.Name != name).Select(other => $"{other.Name}=encoded:{other.Folder}")];
            TrainResult alone = Train("alone-" + name, request.OutFolder, common with
            {
                Data = common.Data with { Source = "encoded:" + folder, Retest = [.. others] },
                Model = common.Model with { SourceTokens = false },
                Train = common.Train with { SourceBalance = false, ClassBalance = isOrdinary },
            }, cancellation);
            results.Add(new HospitalResult(name, alone.Test, joint.TestBySource.FirstOrDefault(group => group.Value == name)?.Metrics, alone.Retests, alone.Privacy));
            runs.Add(alone.RunDir);
        }

        return new HospitalsResult(request.OutFolder, results, joint.Test, runs, joint.Privacy, false, HonestWording.Paragraph);
    }

    // Paths relative to the working folder: they go into run folders.
    private static (string Name, string Folder)[] Releases(string merged) =>
        [.. MergedFolders.Of(merged).Select(release => (release.Name ?? throw new DataFormatException($"'{merged}' holds one release and no list of merged ones.", "Merge releases with 'encode merge'."), Path.GetRelativePath(".", release.Folder)))];

    private TrainResult Train(string name, string folder, TrainConfig config, CancellationToken cancellation)
    {
        TrainResult result = new TrainPipeline(clock, observer).Run(new TrainRequest { Config = config, OutFolder = Path.Combine(folder, name), LinkAsLast = false }, cancellation);
        cancellation.ThrowIfCancellationRequested(); // what follows compares finished runs
        return result;
    }
}
