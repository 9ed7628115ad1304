using System.CommandLine;
using Pellicle.Cli.Parsing;
using Pellicle.Training.Configuration;

namespace Pellicle.Cli;

/// <summary>Options that every command takes.</summary>
internal static class GlobalOptions
{
    public static Option<string?> Config { get; } = CliOption.Text("--config", "FILE", "settings in YAML or JSON; run 'pellicle train --help' for the keys");

    public static Option<string[]> Set { get; } = CliOption.Texts("--set", "KEY=VALUE", "one setting, such as privacy.delta=1e-6 (repeatable)");

    public static Option<bool> Json { get; } = CliOption.Flag("--json", "one JSON document on stdout, also on failure");

    public static Option<bool> Quiet { get; } = CliOption.Flag("--quiet", "no notes and no progress on stderr");

    public static Option<bool> Verbose { get; } = CliOption.Flag("-v", "more detail; with it, unexpected failures show where they happened");

    public static Option<bool> NoColor { get; } = CliOption.Flag("--no-color", "plain text, no moving progress line");

    public static Option<string[]> Threads { get; } = SettingOptions.For(SettingCatalog.Find("threads")!);

    public static Option<string[]> Seed { get; } = SettingOptions.For(SettingCatalog.Find("seed")!);

    public static Option<string?> Out { get; } = CliOption.Text("--out", "PATH", "where to write");

    public static Option<bool> Yes { get; } = CliOption.Flag("--yes", "answer yes: replace files that exist");

    public static Option<bool> Help { get; } = CliOption.Flag("--help", "this help; '--help exit-codes' lists the exit codes", "-h");

    public static Option<bool> Version { get; } = CliOption.Flag("--version", "print the version");

    /// <summary>In the order of the help.</summary>
    public static IReadOnlyList<Option> All { get; } = [Config, Set, Json, Quiet, Verbose, NoColor, Threads, Seed, Out, Yes, Help, Version];
}
