using System.Security.Cryptography;
using System.Text.Json;
using Pellicle.Core.Errors;
using Pellicle.Core.Files;
using Pellicle.Formats.Json;

namespace Pellicle.NeuraCrypt.Challenges;

/// <summary>Reads and writes the two JSON files of a challenge.</summary>
internal static class ChallengeFolder
{
    private const long MostBytes = 1L << 30;

    public static void Write(string publicFolder, ChallengeSpec spec, string secretFolder, Func<string, ChallengeAnswers> answers)
    {
        byte[] bytes = JsonSerializer.SerializeToUtf8Bytes(spec, PellicleJson.Indented);
        AtomicFile.Write(
            Path.Combine(secretFolder, ChallengeAnswers.FileName),
            stream => JsonSerializer.Serialize(stream, answers(Convert.ToHexStringLower(SHA256.HashData(bytes))), PellicleJson.Indented),
            UnixFileMode.UserRead | UnixFileMode.UserWrite);
        AtomicFile.WriteAllBytes(Path.Combine(publicFolder, ChallengeSpec.FileName), bytes);
    }

    /// <summary>The public side.</summary>
    /// <exception cref="DataFormatException">Missing or damaged.</exception>
    public static (ChallengeSpec Spec, string Hash) ReadSpec(string publicFolder)
    {
        byte[] bytes = Bytes(Path.Combine(publicFolder, ChallengeSpec.FileName));
        ChallengeSpec? spec = Parse<ChallengeSpec>(bytes, publicFolder);
        return spec is { Format: ChallengeSpec.FormatName, Version: 1 }
            ? (spec, Convert.ToHexStringLower(SHA256.HashData(bytes)))
            : throw new DataFormatException($"'{publicFolder}' is no challenge of version 1.", "Give the public folder of 'challenge make'.");
    }

    /// <summary>The secret side.</summary>
    /// <exception cref="DataFormatException">Missing, damaged, or of another challenge.</exception>
    public static ChallengeAnswers ReadAnswers(string secretFolder, ChallengeSpec spec, string hash)
    {
        ChallengeAnswers? answers = Parse<ChallengeAnswers>(Bytes(Path.Combine(secretFolder, ChallengeAnswers.FileName)), secretFolder);
        return answers?.ChallengeHash == hash && answers.EncodingOf.Count == spec.Pictures.Count && answers.Means.Count == spec.Targets.Count && answers.Means.All(mean => mean.Length == spec.Architecture.HiddenDim)
            ? answers
            : throw new DataFormatException($"'{secretFolder}' holds the answers of another challenge.", "Give the secret folder that 'challenge make' wrote with this public folder.");
    }

    private static byte[] Bytes(string path)
    {
        try
        {
            return new FileInfo(path).Length <= MostBytes ? File.ReadAllBytes(path) : throw new DataFormatException($"'{path}' is larger than {MostBytes} bytes.", "Give the folders of 'challenge make'.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataFormatException($"'{path}' cannot be read: {e.Message.Split('\n')[0]}", "Give the folders of 'challenge make'.", inner: e);
        }
    }

    private static T? Parse<T>(byte[] bytes, string folder)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(bytes, PellicleJson.Indented);
        }
        catch (JsonException e)
        {
            throw new DataFormatException($"a file of the challenge in '{folder}' is damaged: {e.Message.Split('\n')[0]}", "Give the folders of 'challenge make'.", inner: e);
        }
    }
}
