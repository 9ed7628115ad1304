namespace Pellicle.Core.Errors;

/// <summary>Wrong usage or configuration (exit code 2).</summary>
/// <param name="message">What was wrong and what was expected.</param>
/// <param name="hint">What to do next.</param>
/// <param name="problems">All single problems, when several were collected.</param>
/// <param name="inner">The cause, if any.</param>
public sealed class UsageException(string message, string hint, IReadOnlyList<Problem>? problems = null, Exception? inner = null)
    : PellicleException(FailureKind.Usage, message, hint, problems, inner);
