namespace Pellicle.Core.Errors;

/// <summary>The machine lacks something: a library, a writable folder, disk space, memory (exit code 3).</summary>
/// <param name="message">What was wrong and what was expected.</param>
/// <param name="hint">What to do next.</param>
/// <param name="problems">All single problems, when several were collected.</param>
/// <param name="inner">The cause, if any.</param>
public sealed class EnvironmentException(string message, string hint, IReadOnlyList<Problem>? problems = null, Exception? inner = null)
    : PellicleException(FailureKind.Input, message, hint, problems, inner);
