namespace Pellicle.Training.Sweeps;

/// <summary>The values that a sweep gives one setting.</summary>
/// <param name="Key">Such as <c>train.lr</c>.</param>
/// <param name="Values">At least one; null for "not set".</param>
internal sealed record SweepValues(string Key, IReadOnlyList<string?> Values);
