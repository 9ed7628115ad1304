using System.CommandLine;
using Pellicle.Cli.Output;
using Pellicle.Training.Configuration;

namespace Pellicle.Cli;

/// <summary>One call of a command: parsed options, settings, and where to report.</summary>
/// <param name="Parsed">The parsed command line.</param>
/// <param name="Settings">Configuration from file, environment and options.</param>
/// <param name="Sources">Where <paramref name="Settings"/> came from.</param>
/// <param name="Reporter">Notes, warnings, progress.</param>
/// <param name="Host">Clock, environment, cancellation.</param>
/// <param name="HasUnknownOptions">True if positional words may really be values of mistyped options.</param>
internal sealed record CommandContext(
    ParseResult Parsed, LoadedConfig Settings, ConfigSources Sources, Reporter Reporter, AppHost Host, bool HasUnknownOptions)
{
    /// <summary>Set by the first Ctrl-C.</summary>
    public CancellationToken Cancellation => Host.Cancellation;

    /// <summary>Value of <c>--out</c>, or null.</summary>
    public string? Out => Value(GlobalOptions.Out);

    /// <summary>Threads of numerical kernels.</summary>
    public int Threads => Settings.Config.Threads ?? Host.Cores;

    /// <summary>The value of an option; its default if the option was not given or its text was refused.</summary>
    /// <typeparam name="T">Type of the value.</typeparam>
    /// <param name="option">An option of this command, or a global one.</param>
    public T? Value<T>(Option<T> option) =>
        Parsed.GetResult(option) is { } result && result.Errors.Any() ? default : Parsed.GetValue(option);

    /// <summary>The value of an argument.</summary>
    /// <typeparam name="T">Type of the value.</typeparam>
    /// <param name="argument">An argument of this command.</param>
    public T? Value<T>(Argument<T> argument) =>
        Parsed.GetResult(argument) is { } result && result.Errors.Any() ? default : Parsed.GetValue(argument);

    /// <summary>True if the option was written on the command line.</summary>
    /// <param name="option">An option of this command, or a global one.</param>
    public bool IsGiven(Option option) => Parsed.GetResult(option) is { Implicit: false };
}
