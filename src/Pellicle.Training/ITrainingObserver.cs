using Pellicle.Training.Runs;

namespace Pellicle.Training;

/// <summary>Told about the progress of a run; the command line shows it.</summary>
public interface ITrainingObserver
{
    /// <summary>A sentence for the person who waits: what was loaded, chosen, skipped.</summary>
    /// <param name="text">One line.</param>
    void Note(string text);

    /// <summary>Something the person should know before trusting the result.</summary>
    /// <param name="text">One line.</param>
    void Warn(string text);

    /// <summary>A step is done.</summary>
    /// <param name="metrics">Its figures.</param>
    /// <param name="plannedSteps">All steps of the run.</param>
    void StepTaken(StepMetrics metrics, long plannedSteps);
}
