using System.Text.Json;
using Pellicle.Core.Errors;
using Pellicle.Formats.Json;

namespace Pellicle.Cli.Output;

/// <summary>Ends a call: writes the result or the failure in the asked-for form and gives the exit code.</summary>
/// <param name="host">Streams.</param>
/// <param name="reporter">Knows the warnings.</param>
/// <param name="isJson">True if stdout takes exactly one JSON document.</param>
/// <param name="command">The words after pellicle.</param>
internal sealed class Answer(AppHost host, Reporter reporter, bool isJson, string command)
{
    private const int SchemaVersion = 1;

    /// <summary>Writes a result.</summary>
    /// <param name="outcome">What the command gave.</param>
    /// <returns>0.</returns>
    public int Succeed(CommandOutcome outcome)
    {
        if (isJson)
        {
            WriteJson(new SuccessEnvelope(true, command, SchemaVersion, AppVersion.Text, reporter.Warnings, outcome.Result));
        }
        else
        {
            outcome.Text(host.Output);
        }

        return 0;
    }

    /// <summary>Writes a failure.</summary>
    /// <param name="failure">What happened.</param>
    /// <param name="outcome">The result, if work was done all the same.</param>
    /// <param name="isVerbose">True to show where an unexpected failure happened.</param>
    /// <returns>The exit code.</returns>
    public int Fail(Exception failure, CommandOutcome? outcome, bool isVerbose)
    {
        Failure described = Failure.Describe(failure);
        if (outcome is not null && !isJson)
        {
            outcome.Text(host.Output);
        }

        described.WriteTo(host.Error);
        if (described.Kind == FailureKind.Unexpected)
        {
            host.Error.WriteLine(isVerbose ? failure.ToString() : "pellicle: hint: this is a bug; run it again with -v to see where it happened.");
        }

        if (isJson)
        {
            var error = new ErrorBody(described.ExitCode, described.Kind, described.Message, described.Hint, described.Problems);
            WriteJson(outcome is null
                ? new FailureEnvelope(false, command, SchemaVersion, AppVersion.Text, reporter.Warnings, error)
                : new FailedResultEnvelope(false, command, SchemaVersion, AppVersion.Text, reporter.Warnings, error, outcome.Result));
        }

        return described.ExitCode;
    }

    private void WriteJson(object envelope) => host.Output.WriteLine(JsonSerializer.Serialize(envelope, envelope.GetType(), PellicleJson.Indented));

    private sealed record SuccessEnvelope(bool Ok, string Command, int SchemaVersion, string PellicleVersion, IReadOnlyList<string> Warnings, object Result);

    private sealed record FailureEnvelope(bool Ok, string Command, int SchemaVersion, string PellicleVersion, IReadOnlyList<string> Warnings, ErrorBody Error);

    private sealed record FailedResultEnvelope(bool Ok, string Command, int SchemaVersion, string PellicleVersion, IReadOnlyList<string> Warnings, ErrorBody Error, object Result);

    private sealed record ErrorBody(int Code, FailureKind Kind, string Message, string Hint, IReadOnlyList<Problem> Problems);
}
