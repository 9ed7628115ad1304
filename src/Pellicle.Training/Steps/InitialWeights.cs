using Pellicle.Training.Configuration;
using Pellicle.Training.Runs;

namespace Pellicle.Training.Steps;

/// <summary>Where the initial weights of a run come from: a file, or the model of an earlier run.</summary>
/// <param name="File">A safetensors file.</param>
/// <param name="Run">The run whose folder holds the file; null if it is in none.</param>
internal sealed record InitialWeights(string File, RunFolder? Run)
{
    /// <summary>Finds what <c>--weights</c> names.</summary>
    /// <param name="config">Settings of the run.</param>
    /// <returns>Null without initial weights.</returns>
    /// <exception cref="Core.Errors.DataFormatException">A folder was named that holds no model.</exception>
    public static InitialWeights? Of(TrainConfig config)
    {
        if (config.Model.Weights is not { } given)
        {
            return null;
        }

        string file = Directory.Exists(given) ? ModelFolder.WeightsIn(ModelFolder.Find(given).Folder) : given;
        return new InitialWeights(file, RunAround(file));
    }

    // A file inside a run is that run's, whether the run or the file was named.
    private static RunFolder? RunAround(string file)
    {
        string? folder = Path.GetDirectoryName(Path.GetFullPath(file));
        for (int level = 0; level < 2 && folder is not null; level++, folder = Path.GetDirectoryName(folder))
        {
            if (RunFolder.IsRun(folder))
            {
                return RunFolder.Open(folder);
            }
        }

        return null;
    }
}
