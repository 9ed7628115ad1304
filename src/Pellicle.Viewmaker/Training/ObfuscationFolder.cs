using System.Security.Cryptography;
using Pellicle.Core.Errors;
using Pellicle.Core.Files;
using Pellicle.Training.Runs;

namespace Pellicle.Viewmaker.Training;

/// <summary>What the folder of an obfuscation holds besides the files of every run.</summary>
/// <param name="run">The run folder.</param>
public sealed class ObfuscationFolder(RunFolder run)
{
    /// <summary>The run folder.</summary>
    public RunFolder Run { get; } = run;

    /// <summary>The selected generator. Secret by default.</summary>
    public string Generator => In("generator.safetensors");

    /// <summary>The network of the task, trained on originals.</summary>
    public string TaskReader => In("task.safetensors");

    /// <summary>The attacker trained on originals.</summary>
    public string OriginalAttacker => In("attacker.safetensors");

    /// <summary>State of an unfinished training.</summary>
    public string Checkpoint => In("checkpoint.safetensors");

    /// <summary>Result of training.</summary>
    public string Result => Path.Combine(Run.Root, "obfuscation.json");

    /// <summary>Result of evaluation.</summary>
    public string Evaluation => Path.Combine(Run.Root, "obfuscation-evaluation.json");

    /// <summary>Result of the last <c>obfuscate apply --verify</c>.</summary>
    public string Release => Path.Combine(Run.Root, "obfuscation-release.json");

    /// <summary>The key of the noise of released files.</summary>
    public string Key => In("noise.key");

    /// <summary>Opens a finished obfuscation.</summary>
    /// <param name="path">Such as runs/last.</param>
    /// <exception cref="DataFormatException">It is none, or not finished.</exception>
    public static ObfuscationFolder Open(string path)
    {
        var folder = new ObfuscationFolder(RunFolder.Open(path));
        return File.Exists(folder.Generator) && File.Exists(folder.Result)
            ? folder
            : throw new DataFormatException($"the run '{path}' holds no finished obfuscation.", "Give a run of 'pellicle obfuscate train', or finish it with --resume.");
    }

    /// <summary>Reads a key of 32 bytes, as 64 hexadecimal digits.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="DataFormatException">Missing, or no key; nothing of its content is shown.</exception>
    public static byte[] ReadKey(string path)
    {
        try
        {
            string text = File.ReadAllText(path).Trim();
            return text.Length == 64 && text.All(char.IsAsciiHexDigit) ? Convert.FromHexString(text) : throw new DataFormatException($"'{path}' holds no key: expected 64 hexadecimal digits.", "Give the key that 'obfuscate train' or 'obfuscate apply' wrote.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataFormatException($"the key '{path}' cannot be read: {e.Message}", "Give the key file with --key.", inner: e);
        }
    }

    /// <summary>Writes a fresh key that only its owner may read.</summary>
    /// <param name="path">The file.</param>
    public static byte[] WriteKey(string path)
    {
        byte[] key = RandomNumberGenerator.GetBytes(32);
        byte[] text = System.Text.Encoding.ASCII.GetBytes(Convert.ToHexStringLower(key) + "\n");
        AtomicFile.Write(path, stream => stream.Write(text), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return key;
    }

    private string In(string name) => Path.Combine(Run.Root, "obfuscation", name);
}
