namespace Pellicle.Training.Runs;

/// <summary>How a training run stands.</summary>
public enum RunStatus
{
    /// <summary>Steps are being taken, or the process was killed: resume it.</summary>
    Running,

    /// <summary>All planned steps were taken.</summary>
    Completed,

    /// <summary>The next step would have exceeded the budget; the last model is valid.</summary>
    StoppedByBudget,

    /// <summary>Stopped by the user; checkpoint and ledger are written.</summary>
    Interrupted,

    /// <summary>Only planned: nothing was trained.</summary>
    DryRun,
}
