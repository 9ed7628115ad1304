namespace Pellicle.Core.Errors;

/// <summary>One of several problems reported together.</summary>
/// <param name="Where">Place: an option, a file with position, a layer path.</param>
/// <param name="Message">What was wrong, with the value, and what was expected.</param>
/// <param name="Hint">What to do next.</param>
public sealed record Problem(string Where, string Message, string Hint);
