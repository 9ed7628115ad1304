namespace Pellicle.Privacy.Plan;

/// <summary>The constants of one step's noise.</summary>
/// <param name="MaxGradNorm">C of this step.</param>
/// <param name="Grid">g: the sum and the noise are rounded to multiples of this power of two.</param>
/// <param name="StandardDeviation">Of the noise on the sum: multiplier · (C + √P·g).</param>
/// <param name="CountStandardDeviation">Of the noise on each count query, or null without adaptive clipping.</param>
/// <param name="Divisor">L, by which the noised sum is divided: public, never the drawn batch size.</param>
public readonly record struct StepNoise(double MaxGradNorm, double Grid, double StandardDeviation, double? CountStandardDeviation, double Divisor);
