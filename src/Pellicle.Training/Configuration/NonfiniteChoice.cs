namespace Pellicle.Training.Configuration;

/// <summary>What to do with a unit whose gradient norm is NaN or infinite.</summary>
public enum NonfiniteChoice
{
    /// <summary>Stop and name the layer.</summary>
    Stop,

    /// <summary>Replace the unit's whole contribution by zero before clipping; recorded.</summary>
    Zero,
}
