namespace Pellicle.Training.Runs;

/// <summary>One line of <c>metrics.jsonl</c>. Loss and clipped fraction are computed from private data and not covered by the guarantee.</summary>
/// <param name="Step">1 for the first.</param>
/// <param name="Epoch">Steps taken so far times the expected batch size, over n.</param>
/// <param name="BatchSize">Images drawn in this step; 0 for an empty batch.</param>
/// <param name="Loss">Mean loss of the drawn images; null for an empty batch.</param>
/// <param name="ClippedFraction">Share of drawn units whose gradient was longer than the bound; null without privacy or for an empty batch.</param>
/// <param name="Epsilon">Spent after this step, at <paramref name="Delta"/>; null without privacy.</param>
/// <param name="Delta">The delta of the guarantee; null without privacy.</param>
/// <param name="Lr">Learning rate of this step.</param>
/// <param name="SecondsPerStep">Wall-clock seconds of this step.</param>
public sealed record StepMetrics(
    long Step, double Epoch, int BatchSize, double? Loss, double? ClippedFraction, double? Epsilon, double? Delta, double Lr, double SecondsPerStep)
{
    /// <summary>Clipping bound C of this step, which schedules and adaptive clipping move; null without privacy. Public: a constant, or found from noised counts.</summary>
    public double? MaxGradNorm { get; init; }

    /// <summary>Tuning metric of the validation split after this step; null between epochs and where nothing goes by it.</summary>
    public double? Tuning { get; init; }
}
