using Pellicle.Core.Errors;
using Pellicle.Training.Configuration;

namespace Pellicle.Viewmaker.Training;

/// <summary>The settings of an obfuscation, read back from its folder.</summary>
internal static class ObfuscationConfig
{
    /// <summary>Reads <c>config.yaml</c>.</summary>
    /// <param name="folder">The run.</param>
    /// <exception cref="DataFormatException">Damaged.</exception>
    public static TrainConfig Read(ObfuscationFolder folder)
    {
        var problems = new List<Problem>();
        TrainConfig config = TrainConfigLoader.Read(new ConfigSources { File = folder.Run.ConfigFile }, problems).Config;
        return problems.Count == 0 ? config : throw new DataFormatException($"'{folder.Run.ConfigFile}' cannot be read: {problems[0].Message}", "The run folder is damaged: train again.", problems);
    }
}
