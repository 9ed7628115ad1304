namespace Pellicle.Core.Errors;

/// <summary>Another party is unreachable, out of step, or sent something invalid (exit code 6).</summary>
/// <param name="message">What was wrong and what was expected.</param>
/// <param name="hint">What to do next.</param>
/// <param name="problems">All single problems, when several were collected.</param>
/// <param name="inner">The cause, if any.</param>
public sealed class ProtocolException(string message, string hint, IReadOnlyList<Problem>? problems = null, Exception? inner = null)
    : PellicleException(FailureKind.Party, message, hint, problems, inner)
{
    /// <summary>The party that caused it: 0, 1 or 2; null if unknown.</summary>
    public int? Party { get; init; }
}
