namespace Pellicle.Core.Errors;

/// <summary>A failure that a user can cause and mend: the command line maps it to an exit code by its <see cref="Kind"/>.</summary>
/// <remarks>The message says what was wrong (with the value) and what was expected; <see cref="Hint"/> says what to do next.
/// Never put pixel data, patient fields, shares, keys or seeds into either.</remarks>
public abstract class PellicleException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="kind">Decides the exit code.</param>
    /// <param name="message">What was wrong and what was expected.</param>
    /// <param name="hint">What to do next; may be empty.</param>
    /// <param name="problems">All single problems, when several were collected.</param>
    /// <param name="inner">The cause, if any.</param>
    protected PellicleException(FailureKind kind, string message, string hint, IReadOnlyList<Problem>? problems = null, Exception? inner = null)
        : base(message, inner)
    {
        Kind = kind;
        Hint = hint;
        Problems = problems ?? [];
    }

    /// <summary>Decides the exit code.</summary>
    public FailureKind Kind { get; }

    /// <summary>What to do next.</summary>
    public string Hint { get; }

    /// <summary>The single problems, when several were collected; otherwise empty.</summary>
    public IReadOnlyList<Problem> Problems { get; }
}
