namespace Pellicle.Audit.Statistics;

/// <summary>Scores of a membership attack; higher means "more likely in the training data".</summary>
/// <param name="Members">Scores of units that were in the training data, not NaN.</param>
/// <param name="NonMembers">Scores of units that were not, not NaN.</param>
public sealed record MembershipScores(IReadOnlyList<double> Members, IReadOnlyList<double> NonMembers)
{
    /// <summary>Number of scored units.</summary>
    public int Count => Members.Count + NonMembers.Count;
}
