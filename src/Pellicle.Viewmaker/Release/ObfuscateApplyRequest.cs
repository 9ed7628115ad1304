using Pellicle.Viewmaker.Attacks;

namespace Pellicle.Viewmaker.Release;

/// <summary>What <c>obfuscate apply</c> is asked to do.</summary>
public sealed record ObfuscateApplyRequest
{
    /// <summary>The run folder with the generator.</summary>
    public required string RunFolder { get; init; }

    /// <summary>Folder of PNG, JPEG and DICOM files, or one such file.</summary>
    public required string Source { get; init; }

    /// <summary>Folder for the results; nothing in it is overwritten.</summary>
    public required string OutFolder { get; init; }

    /// <summary>Key of noise and pseudonyms; null takes the run's.</summary>
    public string? KeyFile { get; init; }

    /// <summary>Read every output back and check it; attack the release by fresh networks if labels are at hand.</summary>
    public bool Verify { get; init; }

    /// <summary>CSV file with the attributes of the source's files, names relative to the source; null takes labels.csv of the source, if there.</summary>
    public string? Labels { get; init; }

    /// <summary>The attackers of <see cref="Verify"/>.</summary>
    public AttackOptions Attack { get; init; } = new() { Attackers = AttackOptions.FreshNetworks };

    /// <summary>Say what would happen, write nothing.</summary>
    public bool DryRun { get; init; }

    /// <summary>Options of the DICOM profile whose elements stay.</summary>
    public IReadOnlyList<string> Retain { get; init; } = [];

    /// <summary>Refuse DICOM files that do not say that no text is burned into their pixels.</summary>
    public bool RequireNoBurnedIn { get; init; }

    /// <summary>Write JPEG of this quality in place of PNG; null for PNG.</summary>
    public int? JpegQuality { get; init; }

    /// <summary>Threads of numerical kernels.</summary>
    public int Threads { get; init; } = 1;
}
