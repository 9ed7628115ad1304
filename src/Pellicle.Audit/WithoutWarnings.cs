using Pellicle.Training;
using Pellicle.Training.Runs;

namespace Pellicle.Audit;

/// <summary>Passes progress on and drops warnings: those about data and plan were given when the audited run was trained, and would be repeated for every shadow model.</summary>
internal sealed class WithoutWarnings(ITrainingObserver observer) : ITrainingObserver
{
    public void Note(string text) => observer.Note(text);

    public void Warn(string text)
    {
        // See the summary.
    }

    public void StepTaken(StepMetrics metrics, long plannedSteps) => observer.StepTaken(metrics, plannedSteps);
}
