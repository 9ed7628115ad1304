using Pellicle.Core.Random;
using Pellicle.Training.Metrics;
using Pellicle.Viewmaker.Evaluation;
using Pellicle.Viewmaker.Subjects;

namespace Pellicle.Viewmaker.Attacks;

/// <summary>Finds patients again: a verifier retrained on released pictures, and one that links released pictures to originals.</summary>
internal static class ReidentificationAttack
{
    private const int FewestPatients = 10;
    private const int StrangersPerPair = 20;

    /// <summary>Attacks.</summary>
    /// <param name="training">Originals and released pictures of A.</param>
    /// <param name="trainingUnits">Patients of A's pictures.</param>
    /// <param name="test">Originals and released pictures of T.</param>
    /// <param name="testUnits">Patients of T's pictures.</param>
    /// <param name="steps">Steps of each verifier.</param>
    /// <param name="random">Draws.</param>
    /// <param name="cancellation">Checked between steps.</param>
    /// <returns>Null with fewer than 10 patients that have several pictures on either side.</returns>
    public static Reidentification? Run(
        (PictureSet Original, PictureSet Released) training, IReadOnlyList<string> trainingUnits, (PictureSet Original, PictureSet Released) test, IReadOnlyList<string> testUnits, int steps, ISeededRandom random, CancellationToken cancellation)
    {
        int[][] groups = Groups(trainingUnits), testGroups = Groups(testUnits);
        if (groups.Length < FewestPatients || testGroups.Length < FewestPatients)
        {
            return null;
        }

        float[][] Embedded(PictureSet first, PictureSet second, PictureSet pictures, string purpose, out float[][] others, PictureSet? more = null)
        {
            using var verifier = new Verifier(first.Channels, first.Side, random.Derive(purpose));
            verifier.Fit(first, second, groups, steps, random.Derive(purpose), cancellation);
            others = more is null ? [] : verifier.Embed(more);
            return verifier.Embed(pictures);
        }

        float[][] originals = Embedded(training.Original, training.Original, test.Original, "verifier on originals", out _);
        float[][] released = Embedded(training.Released, training.Released, test.Released, "verifier on released", out _);
        float[][] linked = Embedded(training.Released, training.Original, test.Released, "linkage", out float[][] known, test.Original);
        (double auc, Interval? interval, double eer) = Pairs(released, released, testGroups, random);
        return new Reidentification(auc, interval, eer, PrecisionAt1(released, testGroups), Pairs(linked, known, testGroups, random).Auc, Pairs(originals, originals, testGroups, random).Auc, testGroups.Length);
    }

    private static int[][] Groups(IReadOnlyList<string> units) =>
        [.. Enumerable.Range(0, units.Count).GroupBy(row => units[row]).Select(group => group.ToArray()).Where(rows => rows.Length >= 2)];

    private static (double Auc, Interval? Interval, double Eer) Pairs(float[][] first, float[][] second, int[][] groups, ISeededRandom random)
    {
        ISeededRandom own = random.Derive("strangers");
        var scores = new List<double>();
        var same = new List<bool>();
        for (int g = 0; g < groups.Length; g++)
        {
            foreach (int a in groups[g])
            {
                foreach (int b in groups[g].Where(b => b != a))
                {
                    scores.Add(Cosine(first[a], second[b]));
                    same.Add(true);
                }

                for (int k = 0; k < StrangersPerPair; k++)
                {
                    int[] other = groups[(g + 1 + own.NextInt(groups.Length - 1)) % groups.Length];
                    scores.Add(Cosine(first[a], second[other[own.NextInt(other.Length)]]));
                    same.Add(false);
                }
            }
        }

        RocCurve curve = new RankedScores(scores.ToArray(), same.ToArray()).Roc()!;
        // Pairs share pictures, so the number of patients, not of pairs, sets the interval.
        return (curve.Area, AucInterval.Of(curve.Area, groups.Length, groups.Length, 0.95), curve.Points.Min(point => Math.Max(point.Fpr, 1 - point.Tpr)));
    }

    private static double PrecisionAt1(float[][] embedded, int[][] groups)
    {
        var patientOf = new Dictionary<int, int>();
        for (int g = 0; g < groups.Length; g++)
        {
            foreach (int row in groups[g])
            {
                patientOf[row] = g;
            }
        }

        int[] rows = [.. patientOf.Keys];
        return rows.Average(row => patientOf[rows.Where(other => other != row).MaxBy(other => Cosine(embedded[row], embedded[other]))] == patientOf[row] ? 1.0 : 0.0);
    }

    private static double Cosine(float[] a, float[] b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }
}
