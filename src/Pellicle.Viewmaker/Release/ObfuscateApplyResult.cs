using System.Text.Json.Serialization;
using Pellicle.Core.Errors;
using Pellicle.Training.Metrics;
using Pellicle.Viewmaker.Attacks;

namespace Pellicle.Viewmaker.Release;

/// <summary>Result of <c>obfuscate apply</c>; property names are the JSON fields.</summary>
public sealed record ObfuscateApplyResult
{
    /// <summary>Where the files are.</summary>
    public required string OutDir { get; init; }

    /// <summary>Files written; of a dry run: files that would be.</summary>
    public required int Files { get; init; }

    /// <summary>Files that were not.</summary>
    public required IReadOnlyList<FailedFile> Failed { get; init; }

    /// <summary>Mean over files of the mean change, pixel-range units; null without files.</summary>
    public required double? MeanAbsDelta { get; init; }

    /// <summary>Largest change of any sample, pixel-range units; null without files.</summary>
    public required double? MaxAbsDelta { get; init; }

    /// <summary>What was done to DICOM headers.</summary>
    public required DicomSummary Dicom { get; init; }

    /// <summary>True: the same key and file give the same bytes.</summary>
    public bool Deterministic { get; init; } = true;

    /// <summary>What reading back showed; null without <c>--verify</c>.</summary>
    public required VerifySummary? Verified { get; init; }

    /// <summary>True if nothing was written.</summary>
    public required bool DryRun { get; init; }

    /// <summary>Table of all files; null for a dry run.</summary>
    public required string? Report { get; init; }

    /// <summary>The HTML report of the run with the verification; set by the command, null without one.</summary>
    public string? RunReport { get; init; }

    /// <summary>Always false.</summary>
    public bool FormalGuarantee { get; }

    /// <summary>Some files failed: the command ends with exit code 3 after finishing the rest.</summary>
    [JsonIgnore]
    public DataFormatException? Failure => Failed.Count == 0
        ? null
        : new DataFormatException($"{Failed.Count} of {Failed.Count + Files} files were not obfuscated; first: {Failed[0].File}: {Failed[0].Reason}", "See 'failed' and report.csv; the other files are complete.");
}

/// <summary>A file that was not obfuscated.</summary>
/// <param name="File">Relative to the source.</param>
/// <param name="Reason">Why.</param>
public sealed record FailedFile(string File, string Reason);

/// <summary>Counts over all DICOM files.</summary>
/// <param name="Files">DICOM files written.</param>
/// <param name="TagsRemoved">Elements left out.</param>
/// <param name="TagsReplaced">Elements with another value, or emptied.</param>
/// <param name="UidsRemapped">UIDs replaced.</param>
/// <param name="BurnedInFlagged">Files that do not say that no text is burned into their pixels.</param>
public sealed record DicomSummary(int Files, int TagsRemoved, int TagsReplaced, int UidsRemapped, int BurnedInFlagged);

/// <summary>What reading back showed.</summary>
/// <param name="Reread">Outputs that could be read, and whose headers hold no element that the profile removes or empties; replaced values are not compared with the originals.</param>
/// <param name="AttackerLeakage">Largest leakage of a hidden attribute to fresh networks that learned on a part of the released files; null if no labels were at hand.</param>
/// <param name="AttackerLeakageInterval">95 % interval of that attribute.</param>
/// <param name="Attributes">All attackers, for each hidden attribute.</param>
/// <param name="NotAttacked">Why no attacker ran; null if they did.</param>
public sealed record VerifySummary(int Reread, double? AttackerLeakage, Interval? AttackerLeakageInterval, IReadOnlyList<AttributeAttackResult> Attributes, string? NotAttacked);
