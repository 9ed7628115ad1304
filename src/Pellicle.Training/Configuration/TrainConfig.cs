namespace Pellicle.Training.Configuration;

/// <summary>All settings of a training run: immutable, complete, and written to the run folder as <c>config.yaml</c>.</summary>
/// <remarks>An option, its key, its JSON field and the property here differ only in casing. <see cref="SettingCatalog"/> lists them with ranges;
/// <see cref="TrainConfigLoader"/> reads them from file, environment and options and checks that they fit together.</remarks>
public sealed record TrainConfig
{
    /// <summary>Where the images come from.</summary>
    public DataSection Data { get; init; } = new();

    /// <summary>What is trained.</summary>
    public ModelSection Model { get; init; } = new();

    /// <summary>The guarantee.</summary>
    public PrivacySection Privacy { get; init; } = new();

    /// <summary>How it is trained.</summary>
    public TrainSection Train { get; init; } = new();

    /// <summary>Learned obfuscation of attributes.</summary>
    public ObfuscateSection Obfuscate { get; init; } = new();

    /// <summary>Seed of initialisation, splits, augmentation and synthetic data; never of noise.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Threads of numerical kernels; null for one per core.</summary>
    public int? Threads { get; init; }

    /// <summary>Writes the effective settings as YAML that <see cref="TrainConfigLoader"/> reads back to an equal record.</summary>
    /// <returns>The text of <c>config.yaml</c>.</returns>
    public string ToYaml() => ConfigYaml.Write(this);
}
