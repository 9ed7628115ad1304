using Pellicle.Training.Configuration;

namespace Pellicle.Training;

/// <summary>What a training run is asked to do.</summary>
public sealed record TrainRequest
{
    /// <summary>All settings, checked. For a resume: those of the run folder, with overrides already refused or applied by the loader.</summary>
    public required TrainConfig Config { get; init; }

    /// <summary>Name of the recipe that settings came from, for the record; null without one.</summary>
    public string? Recipe { get; init; }

    /// <summary>Where the run goes; null chooses <c>runs/DATE-DATA-MODEL-EPS</c> below <see cref="RunsFolder"/>.</summary>
    public string? OutFolder { get; init; }

    /// <summary>Folder of runs whose link <c>last</c> is moved to this run.</summary>
    public string RunsFolder { get; init; } = "runs";

    /// <summary>Continue the run in this folder; null starts a new one.</summary>
    public string? ResumeFolder { get; init; }

    /// <summary>Images added to the training split, for audits.</summary>
    public IReadOnlyList<PlantedImage> Planted { get; init; } = [];

    /// <summary>Records of the training split that are left out, for audits; with the patient unit all records of a patient or none. The plan's n stays that of the whole split.</summary>
    public IReadOnlyList<int> Withheld { get; init; } = [];

    /// <summary>Opens the key that the settings name (<c>data.encodeWith</c>); null where pictures are not encoded on the fly.</summary>
    public Func<TrainConfig, IPictureEncoder>? OpenEncoder { get; init; }

    /// <summary>Evaluate validation and test split at the end. Off for audit twins.</summary>
    public bool EvaluateAtEnd { get; init; } = true;

    /// <summary>Move the link <c>last</c> to this run. Off for audit twins.</summary>
    public bool LinkAsLast { get; init; } = true;
}
