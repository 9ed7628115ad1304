using Pellicle.Core.Errors;

namespace Pellicle.Cli.Output;

/// <summary>A failure as users see it. The only place where an exception becomes an exit code.</summary>
/// <param name="Kind">Decides the exit code.</param>
/// <param name="Message">What was wrong, what was expected.</param>
/// <param name="Hint">What to do next; may be empty.</param>
/// <param name="Problems">Single problems.</param>
internal sealed record Failure(FailureKind Kind, string Message, string Hint, IReadOnlyList<Problem> Problems)
{
    /// <summary>The documented exit code.</summary>
    public int ExitCode => (int)Kind;

    /// <summary>Describes an exception.</summary>
    /// <param name="failure">Any exception.</param>
    public static Failure Describe(Exception failure) => failure switch
    {
        PellicleException known => new Failure(known.Kind, known.Message, known.Hint, known.Problems),
        OperationCanceledException => new Failure(FailureKind.Interrupted, "interrupted.", "Run the command again; a training run continues with --resume.", []),
        AggregateException { InnerExceptions: [var single] } => Describe(single),
        OutOfMemoryException => new Failure(FailureKind.Input, "the memory of this machine does not suffice.", "Use a smaller --physical-batch or --image-size.", []),
        DllNotFoundException => new Failure(FailureKind.Input, $"a native library cannot be loaded: {FirstLine(failure.Message)}", "'pellicle doctor' shows what is missing.", []),
        TypeInitializationException { InnerException: { } inner } => Describe(inner),
        _ => new Failure(FailureKind.Unexpected, $"unexpected failure: {failure.GetType().Name}: {FirstLine(failure.Message)}", "", []),
    };

    /// <summary>Writes the lines for stderr.</summary>
    /// <param name="writer">Takes the lines.</param>
    public void WriteTo(TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteLine("pellicle: error: " + Message);
        // A single problem is usually the message itself, perhaps with the file before it: once is enough.
        if (Problems is not [] && !(Problems is [{ } only] && Message.Contains(only.Message, StringComparison.Ordinal)))
        {
            foreach (Problem problem in Problems)
            {
                string place = problem.Where.Length == 0 || problem.Message.Contains(problem.Where, StringComparison.Ordinal) ? "" : problem.Where + ": ";
                writer.WriteLine($"pellicle: error: {place}{problem.Message}");
                WriteHint(writer, problem.Hint);
            }
        }

        WriteHint(writer, Hint);
    }

    private static void WriteHint(TextWriter writer, string hint)
    {
        if (hint.Length > 0)
        {
            writer.WriteLine("pellicle: hint: " + hint);
        }
    }

    private static string FirstLine(string text) => text.Split('\n')[0].Trim();
}
