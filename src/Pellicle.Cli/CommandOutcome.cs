using Pellicle.Core.Errors;

namespace Pellicle.Cli;

/// <summary>What a command gives back: the result for people and for programs, and the reason if it still counts as failed.</summary>
/// <param name="Result">Serialised as <c>result</c> of the JSON envelope.</param>
/// <param name="Text">Writes the result for people.</param>
/// <param name="Failure">Set if work was done but the exit code is not 0: a gate failed, something is missing, the user interrupted.</param>
internal sealed record CommandOutcome(object Result, Action<TextWriter> Text, PellicleException? Failure = null);
