namespace Pellicle.Privacy.Sampling;

/// <summary>The units of one logical step and the records they bring. May be empty: that is a normal step.</summary>
/// <param name="Units">Unit numbers, without repetition.</param>
/// <param name="Records">Record numbers; records of one unit stand together.</param>
/// <param name="UnitOfRecord">For each entry of <paramref name="Records"/> the position of its unit in <paramref name="Units"/>; ascending.</param>
public sealed record SampledBatch(IReadOnlyList<int> Units, IReadOnlyList<int> Records, IReadOnlyList<int> UnitOfRecord);
