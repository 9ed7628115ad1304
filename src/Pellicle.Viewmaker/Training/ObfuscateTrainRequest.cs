using Pellicle.Training.Configuration;

namespace Pellicle.Viewmaker.Training;

/// <summary>What <c>obfuscate train</c> is asked to do.</summary>
public sealed record ObfuscateTrainRequest
{
    /// <summary>Settings; sections data, model.imageSize, model.name and obfuscate are used. Of a resumed run: its own.</summary>
    public required TrainConfig Config { get; init; }

    /// <summary>Folder of a new run; null for a name below <c>runs/</c>.</summary>
    public string? OutFolder { get; init; }

    /// <summary>A run to go on with; null starts a new one.</summary>
    public string? ResumeFolder { get; init; }

    /// <summary>Threads of numerical kernels.</summary>
    public int Threads { get; init; } = 1;
}
