using System.CommandLine;
using Pellicle.Cli.Parsing;
using Pellicle.Core.Errors;
using Pellicle.Mpc.Compiler;
using Pellicle.Mpc.Protocols;

namespace Pellicle.Cli.Mpc;

/// <summary>Options that the commands of encrypted prediction share.</summary>
internal static class MpcOptions
{
    public const int LargestBatch = 1024;
    private const int DefaultMegabytes = 1500;

    public static Option<string?> Protocol() =>
        CliOption.Text("--protocol", "NAME", "replicated3 (three servers, one of whom may be curious), securenn (the same guarantee: two servers hold shares, a third one helps) or plain (no protection) [replicated3]").Also("-p", "--protocol-name", "--protocol_name");

    public static Option<int?> FractionalBits() =>
        CliOption.Whole("--fractional-bits", "F", $"bits after the point of fixed-point numbers [{MpcProtocol.Replicated3.DefaultFractionalBits()}; securenn {MpcProtocol.SecureNn.DefaultFractionalBits()}]", MpcCompiler.FewestFractionalBits, MpcCompiler.MostFractionalBits);

    public static Option<string?> Calibration() =>
        CliOption.Text("--calibrate", "DATA", "images that show how large values become: a data source, a folder, or an NPY file; the plan makes their rough ranges known [synthetic images]");

    public static Option<int?> Batch() =>
        CliOption.Whole("--batch-size", "N", "images of one prediction, which share its rounds [1]", 1, LargestBatch).Also("-b", "--batch_size");

    public static Option<int?> Memory() =>
        CliOption.Whole("--memory", "MB", $"memory of a party for the values inside a layer: larger layers run in chunks, which takes more rounds [{DefaultMegabytes}]", 1, 1_000_000);

    /// <summary>Elements of a chunk for <see cref="Memory"/>.</summary>
    /// <param name="megabytes">As given, or null.</param>
    public static int ChunkElements(int? megabytes) => MemoryBudget.ChunkElements((megabytes ?? DefaultMegabytes) * 1_000_000L);

    public static Option<string?> Reveal() => CliOption.Choice("--reveal", "WHAT", "what the client learns: logits, or the class alone, which takes more rounds [logits]", "logits", "class");

    /// <summary>What the client of a call learns.</summary>
    /// <param name="text">As typed, or null.</param>
    public static RevealedResult RevealOf(string? text) => text is "class" ? RevealedResult.Class : RevealedResult.Logits;

    /// <summary>The protocol of a call.</summary>
    /// <param name="name">As typed, or null.</param>
    /// <exception cref="UsageException">No protocol of this version.</exception>
    public static MpcProtocol ProtocolOf(string? name) => name is null ? MpcProtocol.Replicated3 : MpcProtocols.Parse(name);

    /// <summary>What is wrong with a text that is read by a function that refuses.</summary>
    /// <param name="option">The option.</param>
    /// <param name="text">As typed, or null.</param>
    /// <param name="read">Reads it.</param>
    public static IEnumerable<Problem> Problems(Option option, string? text, Action<string> read)
    {
        ArgumentNullException.ThrowIfNull(option);
        ArgumentNullException.ThrowIfNull(read);
        if (text is null)
        {
            return [];
        }

        try
        {
            read(text);
            return [];
        }
        catch (UsageException e)
        {
            return [new Problem(option.Name, e.Message, e.Hint)];
        }
    }
}
