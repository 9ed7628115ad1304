namespace Pellicle.Training.Configuration;

/// <summary>Courses of the learning rate that <c>--schedule</c> offers; all but the last depend on the step number only.</summary>
public enum ScheduleChoice
{
    /// <summary>The same in every step.</summary>
    Constant,

    /// <summary>Falls by steps.</summary>
    Step,

    /// <summary>Half a cosine down to zero.</summary>
    Cosine,

    /// <summary>Up, then down to zero.</summary>
    OneCycle,

    /// <summary>Falls when the tuning metric of the validation split stands still; ordinary training only.</summary>
    Plateau,
}
