namespace Pellicle.Core.Errors;

/// <summary>The privacy ledger is missing, broken, or in use by another process (exit code 4).</summary>
/// <param name="message">What was wrong and what was expected.</param>
/// <param name="hint">What to do next.</param>
/// <param name="problems">All single problems, when several were collected.</param>
/// <param name="inner">The cause, if any.</param>
public sealed class LedgerException(string message, string hint, IReadOnlyList<Problem>? problems = null, Exception? inner = null)
    : PrivacyRefusedException(message, hint, problems, inner);
