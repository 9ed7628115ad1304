using Pellicle.Core.Errors;

namespace Pellicle.Cli.Output;

/// <summary>The user interrupted a run; checkpoint and ledger are written (exit code 130).</summary>
/// <param name="message">What was interrupted.</param>
/// <param name="hint">How to go on.</param>
internal sealed class RunInterruptedException(string message, string hint) : PellicleException(FailureKind.Interrupted, message, hint);
