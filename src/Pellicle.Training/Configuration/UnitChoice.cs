namespace Pellicle.Training.Configuration;

/// <summary>Units of privacy that <c>--unit</c> offers.</summary>
public enum UnitChoice
{
    /// <summary>One image.</summary>
    Image,

    /// <summary>All images of one patient.</summary>
    Patient,
}
