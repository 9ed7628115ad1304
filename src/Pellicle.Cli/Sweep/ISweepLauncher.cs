using Pellicle.Training.Sweeps;

namespace Pellicle.Cli.Sweep;

/// <summary>Starts one run of a sweep and waits for it.</summary>
internal interface ISweepLauncher
{
    /// <summary>Trains, or resumes.</summary>
    /// <param name="job">Settings of the run.</param>
    /// <param name="runFolder">Where it goes.</param>
    /// <param name="log">Takes what it says.</param>
    /// <returns>The exit code of <c>train</c>.</returns>
    int Train(SweepJob job, string runFolder, string log);
}
