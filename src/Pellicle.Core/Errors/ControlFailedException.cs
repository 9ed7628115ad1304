namespace Pellicle.Core.Errors;

/// <summary>A control of an attack did not do what it must: the harness is at fault, and nothing that it measured counts (exit code 1).</summary>
/// <param name="message">Which control, with what value.</param>
/// <param name="hint">What to do next.</param>
public sealed class ControlFailedException(string message, string hint) : PellicleException(FailureKind.Unexpected, message, hint);
