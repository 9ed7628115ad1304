using System.CommandLine;
using Pellicle.Cli.Parsing;
using Pellicle.Core.Errors;
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

    public Option<string?> PassphraseFile { get; } = CliOption.Text("--passphrase-file", "FILE", $"file whose first line is the passphrase of the key; otherwise the variable {Variable}, or the terminal");

    public Option<string[]?> Shares { get; } = CliOption.List("--shares", "LIST", "shares of the passphrase that 'encode keygen' wrote, in place of it", "a comma-separated list of files", _ => true);

    /// <summary>Both options.</summary>
    public IReadOnlyList<Option> All => [PassphraseFile, Shares];

    /// <summary>Opens the key that the settings of a run name.</summary>
    public Func<TrainConfig, IPictureEncoder> EncoderOf(CommandContext context) => config =>
    {
        using Passphrase? passphrase = Read(context, config.Data.EncodeWith);
        return KeyedPictureEncoder.Open(config, passphrase, context.Threads);
    };

    /// <summary>The passphrase of this call, or null if none was given.</summary>
    /// <param name="context">The call.</param>
    /// <param name="sealedKey">The key it opens: a sealed one is asked for at the terminal; null for a new key, which is asked for twice.</param>
    public Passphrase? Read(CommandContext context, string? sealedKey) =>
        context.Value(Shares) is { Length: > 0 } shares ? PassphraseShares.Join(shares)
        : context.Value(PassphraseFile) is { } file ? Passphrase.FromFile(file)
        : context.Host.Variables.TryGetValue(Variable, out string? text) && text.Length > 0 ? Passphrase.Of(text)
        : context.Host.AskSecret is not { } ask ? null
        : sealedKey is null ? AskTwice(ask)
        : File.Exists(sealedKey) && EncoderKeyFile.Read(sealedKey).NeedsPassphrase && ask($"passphrase of {sealedKey}: ") is { } typed ? Passphrase.Of(typed)
        : null;

    private static Passphrase? AskTwice(Func<string, string?> ask)
    {
        string? typed = ask("passphrase of the new key: ");
        return typed is null ? null
            : typed == ask("again: ") ? Passphrase.Of(typed)
            : throw new UsageException("the two passphrases differ.", "Type the same twice, or give --passphrase-file FILE.");
    }
}
