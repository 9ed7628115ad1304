using System.CommandLine;
using Pellicle.Core.Errors;

namespace Pellicle.Cli;

/// <summary>One command: its options, the checks before work starts, and the call of one pipeline.</summary>
internal abstract class CliCommand
{
    /// <summary>The words after <c>pellicle</c>, joined by one blank.</summary>
    public abstract string Name { get; }

    /// <summary>One line for the list of commands.</summary>
    public abstract string Summary { get; }

    /// <summary>What the command takes besides options, such as <c>RUN</c> or <c>[CONFIG]</c>; empty for nothing.</summary>
    public virtual string Operands => "";

    /// <summary>A paragraph for the command's own help; lines of at most 100 letters.</summary>
    public virtual IReadOnlyList<string> Details => [];

    /// <summary>Worked commands, the last thing in the help.</summary>
    public abstract IReadOnlyList<string> Examples { get; }

    /// <summary>Options of this command, in the order of the help.</summary>
    public virtual IReadOnlyList<Option> Options => [];

    /// <summary>Arguments of this command.</summary>
    public virtual IReadOnlyList<Argument> Arguments => [];

    /// <summary>Headings that the help puts before some options, by option name.</summary>
    public virtual IReadOnlyDictionary<string, string> Headings => new Dictionary<string, string>();

    /// <summary>The configuration file of this call, or null.</summary>
    /// <param name="context">The call; its settings are not there yet.</param>
    public virtual string? ConfigFile(CommandContext context) => context.Value(GlobalOptions.Config);

    /// <summary>Name of the recipe of this call, or null.</summary>
    /// <param name="context">The call; its settings are not there yet.</param>
    public virtual string? Recipe(CommandContext context) => null;

    /// <summary>Finds what is wrong with options and configuration before anything starts.</summary>
    /// <param name="context">The call.</param>
    /// <returns>All problems.</returns>
    public virtual IEnumerable<Problem> Check(CommandContext context) => [];

    /// <summary>Does the work.</summary>
    /// <param name="context">The call, checked.</param>
    /// <returns>What to print.</returns>
    public abstract CommandOutcome Run(CommandContext context);
}
