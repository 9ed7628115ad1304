using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration;
using Pellicle.Core.Errors;
using Pellicle.Formats.Npy;

namespace Pellicle.NeuraCrypt.Challenges;

/// <summary>What <c>challenge submit</c> tells.</summary>
/// <param name="Task">1 or 2.</param>
/// <param name="File">The submission.</param>
/// <param name="Answers">Answers in it.</param>
public sealed record ChallengeSubmitResult(int Task, string File, int Answers);

/// <summary>A submission, checked for form: nothing secret is needed.</summary>
public sealed class ChallengeSubmission
{
    private const long MostBytes = 1L << 30;

    private ChallengeSubmission(int task, IReadOnlyDictionary<string, string> encodingOf, IReadOnlyList<float[]> means)
    {
        Task = task;
        EncodingOf = encodingOf;
        Means = means;
    }

    /// <summary>1 or 2.</summary>
    public int Task { get; }

    /// <summary>Task 1: encoding of each picture.</summary>
    public IReadOnlyDictionary<string, string> EncodingOf { get; }

    /// <summary>Task 2: predicted mean row of each target.</summary>
    public IReadOnlyList<float[]> Means { get; }

    /// <summary>Reads and checks a submission.</summary>
    /// <param name="publicFolder">The challenge.</param>
    /// <param name="task">1 or 2.</param>
    /// <param name="file">CSV for task 1, NPY for task 2.</param>
    /// <exception cref="DataFormatException">Not in the form that the rules ask for; says where.</exception>
    public static ChallengeSubmission Read(string publicFolder, int task, string file)
    {
        ArgumentException.ThrowIfNullOrEmpty(file);
        (ChallengeSpec spec, _) = ChallengeFolder.ReadSpec(publicFolder);
        if (!File.Exists(file) || new FileInfo(file).Length > MostBytes)
        {
            throw new DataFormatException($"'{file}' does not exist or is larger than {MostBytes} bytes.", "Give the file of the submission.");
        }

        return task switch
        {
            1 => new ChallengeSubmission(1, ReadPairs(spec, file), []),
            2 => new ChallengeSubmission(2, new Dictionary<string, string>(), ReadMeans(spec, file)),
            _ => throw new ArgumentOutOfRangeException(nameof(task), task, "Expected 1 or 2."),
        };
    }

    private static Dictionary<string, string> ReadPairs(ChallengeSpec spec, string file)
    {
        using var reader = new StreamReader(file);
        using var csv = new CsvReader(reader, new CsvConfiguration(CultureInfo.InvariantCulture) { MissingFieldFound = null, BadDataFound = null });
        if (!csv.Read() || !csv.ReadHeader() || csv.HeaderRecord is not { } header || !header.Contains("picture") || !header.Contains("encoding"))
        {
            throw new DataFormatException($"'{file}' has no header with the columns picture and encoding.", "Write 'picture,encoding' on the first line.");
        }

        var pictures = spec.Pictures.ToHashSet();
        var encodings = spec.Encodings.ToHashSet();
        var pairs = new Dictionary<string, string>();
        while (csv.Read())
        {
            string picture = csv.GetField("picture") ?? "", encoding = csv.GetField("encoding") ?? "";
            if (!pictures.Remove(picture) || !encodings.Remove(encoding))
            {
                throw new DataFormatException($"'{file}', line {csv.Parser.Row}: '{picture}' or '{encoding}' is not of this challenge or is there twice.", "Name every picture and every encoding of task 1 once.");
            }

            pairs[picture] = encoding;
        }

        return pictures.Count == 0
            ? pairs
            : throw new DataFormatException($"'{file}' leaves out {pictures.Count} of {spec.Pictures.Count} pictures, '{pictures.Order().First()}' among them.", "Name every picture of task 1 once; guess where you do not know.");
    }

    private static List<float[]> ReadMeans(ChallengeSpec spec, string file)
    {
        NpyArray array = NpyFile.Read(file);
        int hidden = spec.Architecture.HiddenDim;
        if (!array.IsFloatingPoint || !array.Shape.SequenceEqual([spec.Targets.Count, hidden]))
        {
            throw new DataFormatException($"'{file}' has shape ({string.Join(", ", array.Shape)}) or no floating type; expected float32 ({spec.Targets.Count}, {hidden}).", "Write one row for each target, in the order of challenge.json.");
        }

        array.RequireFinite();
        float[] values = array.ToFloats();
        return [.. values.Chunk(hidden)];
    }
}
