using Pellicle.NeuraCrypt.Attacks;
using Pellicle.Training.Metrics;

namespace Pellicle.NeuraCrypt.Challenges;

/// <summary>How good a submission is.</summary>
/// <param name="Task">1 or 2.</param>
/// <param name="N">Answers.</param>
/// <param name="Correct">Right ones.</param>
/// <param name="Accuracy">Share of right ones.</param>
/// <param name="AccuracyInterval">95 %, Clopper and Pearson.</param>
/// <param name="Chance">1 / N.</param>
/// <param name="Rating">By the authors' scale, of the upper end of the interval.</param>
public sealed record ChallengeScore(int Task, int N, int Correct, double Accuracy, Interval AccuracyInterval, double Chance, ReidentificationRating Rating)
{
    /// <summary>Scores a submission: check its form → compare with the answers → rate.</summary>
    /// <param name="publicFolder">The challenge.</param>
    /// <param name="secretFolder">Its answers.</param>
    /// <param name="task">1 or 2.</param>
    /// <param name="file">The submission.</param>
    /// <exception cref="Core.Errors.DataFormatException">Not in form, or answers of another challenge.</exception>
    public static ChallengeScore Of(string publicFolder, string secretFolder, int task, string file)
    {
        ChallengeSubmission submission = ChallengeSubmission.Read(publicFolder, task, file);
        (ChallengeSpec spec, string hash) = ChallengeFolder.ReadSpec(publicFolder);
        ChallengeAnswers answers = ChallengeFolder.ReadAnswers(secretFolder, spec, hash);
        int n = task == 1 ? spec.Pictures.Count : spec.Targets.Count;
        int correct = task == 1
            ? spec.Pictures.Count(picture => submission.EncodingOf[picture] == answers.EncodingOf[picture])
            : Enumerable.Range(0, n).Count(i => IsNearest(submission.Means[i], answers.Means, i));
        Interval interval = ClopperPearson.TwoSided(correct, n, 0.95);
        return new ChallengeScore(task, n, correct, (double)correct / n, interval, 1.0 / n, EncodingAttackSuite.Rate(interval.High));
    }

    // Nothing may be as near as the right one: a constant prediction must not win by the order of comparison.
    private static bool IsNearest(float[] predicted, IReadOnlyList<float[]> means, int right)
    {
        double Distance(float[] mean) => mean.Select((value, i) => (double)(value - predicted[i]) * (value - predicted[i])).Sum();
        double own = Distance(means[right]);
        return means.Select((mean, i) => i == right || Distance(mean) > own).All(farther => farther);
    }
}
