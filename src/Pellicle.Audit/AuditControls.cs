using Pellicle.Training.Metrics;

namespace Pellicle.Audit;

/// <summary>Checks that the audit itself is sound.</summary>
/// <param name="ShuffledMembership">Area under the ROC curve with membership dealt out at random: must be near 0.5; null without scores.</param>
/// <param name="ShuffledMembershipInterval">Its interval.</param>
/// <param name="Passed">True if the interval holds 0.5. An interval at 95 % misses it in one of twenty sound audits.</param>
public sealed record AuditControls(double? ShuffledMembership, Interval? ShuffledMembershipInterval, bool? Passed);
