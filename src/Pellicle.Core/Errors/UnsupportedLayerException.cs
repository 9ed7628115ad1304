namespace Pellicle.Core.Errors;

/// <summary>Layers whose influence per unit cannot be bounded; names every one of them (exit code 4).</summary>
/// <param name="message">What was wrong and what was expected.</param>
/// <param name="hint">What to do next.</param>
/// <param name="problems">All single problems, when several were collected.</param>
/// <param name="inner">The cause, if any.</param>
public sealed class UnsupportedLayerException(string message, string hint, IReadOnlyList<Problem>? problems = null, Exception? inner = null)
    : PrivacyRefusedException(message, hint, problems, inner);
