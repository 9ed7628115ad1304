using Pellicle.Data;
using Pellicle.Training.Configuration;

namespace Pellicle.Training.Runs;

/// <summary>Between a run's settings and what the other parts want from them.</summary>
public static class RunConfig
{
    /// <summary>Reads the effective settings back from a run folder.</summary>
    /// <param name="folder">The run.</param>
    /// <exception cref="Core.Errors.UsageException">The file is missing or damaged.</exception>
    public static TrainConfig Read(RunFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        return TrainConfigLoader.Load(new ConfigSources { File = folder.ConfigFile }).Config;
    }

    /// <summary>How the data source of a run is opened.</summary>
    /// <param name="config">Settings of the run.</param>
    public static DatasetOptions DatasetOptions(TrainConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return new DatasetOptions
        {
            ImageColumn = config.Data.Image,
            LabelColumn = config.Data.Label,
            PatientColumn = config.Data.Patient,
            AttributeColumns = [.. config.Data.Attributes],
            Split = config.Data.Split,
            ValidationShare = config.Data.ValidationShare,
            Seed = config.Seed,
            Limit = config.Data.Limit,
            ImageRoot = config.Data.ImageRoot,
            Window = DicomWindow.Parse(config.Data.Window),
        };
    }
}
