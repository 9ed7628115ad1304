using System.Text.Json;
using Pellicle.Core.Errors;
using Pellicle.Data;
using Pellicle.Formats.Json;
using Pellicle.Formats.Npy;
using Pellicle.NeuraCrypt.Attacks;
using Pellicle.NeuraCrypt.Challenges;
using Pellicle.NeuraCrypt.Encoders;

namespace Pellicle.NeuraCrypt.Tests.Challenges;

public sealed class ChallengeTests : IDisposable
{
    private static readonly EncoderArchitecture Tiny = new() { Depth = 1, PatchSize = 8, HiddenDim = 16, ImageSize = 32 };
    private readonly string _folder = Directory.CreateTempSubdirectory("pellicle-challenge").FullName;

    public ChallengeTests() => new ChallengeMakePipeline(_ => { }).Run(new ChallengeRequest
    {
        Source = "synth:xray",
        Options = new DatasetOptions { Limit = 40 },
        Architecture = Tiny,
        PublicFolder = Public,
        SecretFolder = Secret,
        Images = 12,
    });

    private string Public => Path.Combine(_folder, "public");

    private string Secret => Path.Combine(_folder, "secret");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_right_answers_score_fully_and_rotated_ones_nothing()
    {
        ChallengeAnswers answers = Answers();
        ChallengeScore right = Score(1, WriteCsv(answers.EncodingOf));
        Assert.Equal(12, right.Correct);
        Assert.Equal(ReidentificationRating.High, right.Rating);
        Assert.True(right.AccuracyInterval.Low > 0.7);
        string[] pictures = [.. answers.EncodingOf.Keys];
        Dictionary<string, string> rotated = pictures.Select((picture, i) => (picture, answers.EncodingOf[pictures[(i + 1) % 12]])).ToDictionary();
        Assert.Equal(0, Score(1, WriteCsv(rotated)).Correct);
        Assert.Equal(12, Score(2, WriteNpy(answers.Means)).Correct);
        Assert.Equal(0, Score(2, WriteNpy([.. answers.Means.Skip(1), answers.Means[0]])).Correct);
    }

    [Fact]
    public void A_constant_prediction_scores_at_most_one()
    {
        float[] mean = new float[16];
        Assert.InRange(Score(2, WriteNpy([.. Enumerable.Repeat(mean, 12)])).Correct, 0, 1);
    }

    [Fact]
    public void The_public_folder_holds_neither_answers_nor_key_nor_file_names()
    {
        string[] files = [.. Directory.EnumerateFiles(Public, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(Public, f))];
        Assert.Equal(12 + 12 + 12 + 12 + 1, files.Length);
        Assert.Equal(["answers.json"], Directory.EnumerateFiles(Secret).Select(Path.GetFileName));
        string spec = File.ReadAllText(Path.Combine(Public, ChallengeSpec.FileName));
        using ImageDataset dataset = ImageDataset.Open("synth:xray", new DatasetOptions { Limit = 40 });
        Assert.All(dataset.Records, record => Assert.DoesNotContain(record.File, spec, StringComparison.Ordinal));
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(Path.Combine(Secret, ChallengeAnswers.FileName)) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Fact]
    public void Submissions_out_of_form_are_refused_with_the_place()
    {
        ChallengeAnswers answers = Answers();
        string csv = WriteCsv(answers.EncodingOf);
        string[] lines = File.ReadAllLines(csv);
        Refused(1, [.. lines.SkipLast(1)], "leaves out 1 of 12");
        Refused(1, [.. lines, lines[1]], "line 14");
        Refused(1, ["a,b", .. lines.Skip(1)], "no header");
        Assert.Throws<DataFormatException>(() => ChallengeSubmission.Read(Public, 2, csv));
        Assert.Throws<DataFormatException>(() => ChallengeSubmission.Read(Public, 2, WriteNpy([.. answers.Means.Skip(1)])));
        Assert.Throws<DataFormatException>(() => ChallengeSubmission.Read(Public, 2, WriteNpy([.. answers.Means.Select(mean => Array.ConvertAll(mean, _ => float.NaN))])));
        Assert.Throws<DataFormatException>(() => ChallengeSubmission.Read(Public, 1, Path.Combine(_folder, "missing.csv")));
    }

    [Fact]
    public void Answers_of_another_challenge_are_refused()
    {
        string csv = WriteCsv(Answers().EncodingOf);
        string path = Path.Combine(Secret, ChallengeAnswers.FileName);
        File.WriteAllText(path, File.ReadAllText(path).Replace(Answers().ChallengeHash, new string('0', 64), StringComparison.Ordinal));
        Assert.Throws<DataFormatException>(() => Score(1, csv));
    }

    private ChallengeScore Score(int task, string file) => ChallengeScore.Of(Public, Secret, task, file);

    private ChallengeAnswers Answers() => JsonSerializer.Deserialize<ChallengeAnswers>(File.ReadAllText(Path.Combine(Secret, ChallengeAnswers.FileName)), PellicleJson.Indented)!;

    private string WriteCsv(IReadOnlyDictionary<string, string> pairs)
    {
        string file = Path.Combine(_folder, "submission.csv");
        File.WriteAllLines(file, pairs.Select(pair => $"{pair.Key},{pair.Value}").Prepend("picture,encoding"));
        return file;
    }

    private string WriteNpy(IReadOnlyList<float[]> means)
    {
        string file = Path.Combine(_folder, "submission.npy");
        NpyFile.Write(file, NpyArray.From<float>([.. means.SelectMany(mean => mean)], [means.Count, 16]));
        return file;
    }

    private void Refused(int task, string[] lines, string reason)
    {
        string file = Path.Combine(_folder, "bad.csv");
        File.WriteAllLines(file, lines);
        Assert.Contains(reason, Assert.Throws<DataFormatException>(() => ChallengeSubmission.Read(Public, task, file)).Message, StringComparison.Ordinal);
    }
}
