using System.CommandLine;
using Pellicle.Cli.Parsing;
using Pellicle.NeuraCrypt;
using Pellicle.NeuraCrypt.Keys;
using Pellicle.Training;
using Pellicle.Training.Configuration;

namespace Pellicle.Cli.Encode;

/// <summary>Options about passphrases that the commands of the encoding leg share.</summary>
internal sealed class KeyOptions
{
    /// <summary>Environment variable with the passphrase.</summary>
    public const string Variable = "PELLICLE_PASSPHRASE";

    public Option<string?> PassphraseFile { get; } = CliOption.Text("--passphrase-file", "FILE", $"file whose first line is the passphrase of the key; otherwise the variable {Variable}");

    /// <summary>Opens the key that the settings of a run name.</summary>
    public Func<TrainConfig, IPictureEncoder> EncoderOf(CommandContext context) => config =>
    {
        using Passphrase? passphrase = Read(context);
        return KeyedPictureEncoder.Open(config, passphrase, context.Threads);
    };

    /// <summary>The passphrase of this call, or null if none was given.</summary>
    public Passphrase? Read(CommandContext context) =>
        context.Value(PassphraseFile) is { } file ? Passphrase.FromFile(file)
        : context.Host.Variables.TryGetValue(Variable, out string? text) && text.Length > 0 ? Passphrase.Of(text)
        : null;
}
