namespace Pellicle.Cli;

/// <summary>Everything the program takes from outside besides its arguments; tests give their own.</summary>
internal sealed record AppHost
{
    /// <summary>Takes the result.</summary>
    public required TextWriter Output { get; init; }

    /// <summary>Takes notes, progress, warnings and errors.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>Gives the lines of another program that directs this one; empty for a person's.</summary>
    public TextReader Input { get; init; } = TextReader.Null;

    /// <summary>Asks the person at the terminal for a secret, without echo; null where there is no terminal.</summary>
    public Func<string, string?>? AskSecret { get; init; }

    /// <summary>Environment variables.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    /// <summary>True if <see cref="Error"/> is a terminal.</summary>
    public bool IsErrorTerminal { get; init; }

    /// <summary>Set by the first Ctrl-C.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Processors of this machine.</summary>
    public int Cores { get; init; } = Environment.ProcessorCount;
}
