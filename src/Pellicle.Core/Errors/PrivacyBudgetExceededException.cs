namespace Pellicle.Core.Errors;

/// <summary>The budget does not allow even one more step (exit code 4).</summary>
/// <param name="message">What was wrong and what was expected.</param>
/// <param name="hint">What to do next.</param>
/// <param name="problems">All single problems, when several were collected.</param>
/// <param name="inner">The cause, if any.</param>
public sealed class PrivacyBudgetExceededException(string message, string hint, IReadOnlyList<Problem>? problems = null, Exception? inner = null)
    : PrivacyRefusedException(message, hint, problems, inner);
