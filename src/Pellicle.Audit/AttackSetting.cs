using Pellicle.Core.Random;
using Pellicle.Training.Configuration;
using Pellicle.Training.Runs;

namespace Pellicle.Audit;

/// <summary>What every attack of an audit is given.</summary>
/// <param name="Run">The audited run.</param>
/// <param name="Request">Options.</param>
/// <param name="Delta">Delta of both bounds.</param>
/// <param name="Confidence">Of this attack's bound.</param>
/// <param name="Random">Everything that is not a coin.</param>
/// <param name="Cancellation">Checked between batches and steps.</param>
internal sealed record AttackSetting(LoadedRun Run, AuditRequest Request, double Delta, double Confidence, ISeededRandom Random, CancellationToken Cancellation)
{
    /// <summary>The unit of the guarantee is the patient.</summary>
    public bool IsByPatient => Run.Config.Privacy.Unit == UnitChoice.Patient && !Run.Config.Privacy.NonPrivate;
}
