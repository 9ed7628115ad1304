namespace Pellicle.Training.Configuration;

/// <summary>Courses of the learning rate that <c>--schedule</c> offers; all depend on the step number only.</summary>
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
}
