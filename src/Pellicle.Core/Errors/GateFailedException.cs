namespace Pellicle.Core.Errors;

/// <summary>The work is done, but a gate that the user asked for failed (exit code 5).</summary>
/// <param name="message">What was wrong and what was expected.</param>
/// <param name="hint">What to do next.</param>
/// <param name="problems">All single problems, when several were collected.</param>
/// <param name="inner">The cause, if any.</param>
public sealed class GateFailedException(string message, string hint, IReadOnlyList<Problem>? problems = null, Exception? inner = null)
    : PellicleException(FailureKind.GateFailed, message, hint, problems, inner);
