namespace Pellicle.Training.Metrics;

/// <summary>How an interval follows from bootstrap replicates.</summary>
public enum IntervalKind
{
    /// <summary>Their 2.5th and 97.5th percentile (Efron 1979).</summary>
    Percentile,

    /// <summary>The basic bootstrap of NeuraCrypt's reference: with sorted differences δ from the value and i = ⌊0.025 n⌋, from value − δ[n − i] to value − δ[i]. It may leave [0, 1].</summary>
    Basic,
}
