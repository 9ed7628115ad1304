namespace Pellicle.Core.Errors;

/// <summary>Refused because the privacy guarantee would not hold (exit code 4).</summary>
/// <param name="message">What was wrong and what was expected.</param>
/// <param name="hint">What to do next.</param>
/// <param name="problems">All single problems, when several were collected.</param>
/// <param name="inner">The cause, if any.</param>
public class PrivacyRefusedException(string message, string hint, IReadOnlyList<Problem>? problems = null, Exception? inner = null)
    : PellicleException(FailureKind.PrivacyRefused, message, hint, problems, inner);
