namespace Pellicle.Core.Errors;

/// <summary>A data or model file cannot be used (exit code 3); the message names file and position.</summary>
/// <param name="message">What was wrong and what was expected.</param>
/// <param name="hint">What to do next.</param>
/// <param name="problems">All single problems, when several were collected.</param>
/// <param name="inner">The cause, if any.</param>
public sealed class DataFormatException(string message, string hint, IReadOnlyList<Problem>? problems = null, Exception? inner = null)
    : PellicleException(FailureKind.Input, message, hint, problems, inner);
