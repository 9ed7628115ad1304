namespace Pellicle.Privacy.Accounting;

/// <summary>A run of equal events.</summary>
/// <param name="Event">The event.</param>
/// <param name="Steps">How many times it happened, at least 0.</param>
public readonly record struct PrivacyPhase(MechanismEvent Event, long Steps);
