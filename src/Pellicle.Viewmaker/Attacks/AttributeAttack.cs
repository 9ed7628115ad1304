using Pellicle.Viewmaker.Evaluation;
using Pellicle.Viewmaker.Subjects;
using Pellicle.Viewmaker.Training;

namespace Pellicle.Viewmaker.Attacks;

/// <summary>From readings of attackers to figures of an attribute.</summary>
/// <param name="target">What was attacked.</param>
/// <param name="finding">The task's column on the test pictures, or null.</param>
/// <param name="bootstrap">Resamples the test patients.</param>
/// <param name="patients">Number of test patients; null where none is known.</param>
internal sealed class AttributeAttack(string target, SubjectColumn? finding, PatientBootstrap bootstrap, int? patients)
{
    /// <summary>Figures of a column.</summary>
    /// <param name="readings">All attackers.</param>
    /// <param name="column">The column on the test pictures.</param>
    /// <param name="index">Its place among the columns of the readings.</param>
    public AttributeAttackResult Of(IReadOnlyList<AttackerReading> readings, SubjectColumn column, int index)
    {
        ColumnScores[] scores = [.. readings.Select(reading => ColumnScores.Of(reading.Margins[index], column))];
        int[] deciding = [.. Enumerable.Range(0, readings.Count).Where(i => readings[i].Decides)];
        int[] withGenerator = [.. deciding, .. Enumerable.Range(0, readings.Count).Where(i => readings[i].NeedsGenerator)];
        int worst = deciding.MaxBy(i => scores[i].Leakage() ?? 0.5);
        return new AttributeAttackResult
        {
            Target = target,
            Attribute = column.Name,
            Classes = column.Classes,
            N = scores[worst].Count,
            Patients = patients,
            Attackers = [.. readings.Select((reading, i) => new AttackerScore(
                reading.Name, reading.TrainedOn, reading.Seed, scores[i].Auc() ?? 0.5, bootstrap.Interval(weights => scores[i].Auc(weights)), scores[i].Leakage() ?? 0.5, ReferenceMeasure.MacroF1(reading.Margins[index], column.Labels), reading.Seconds))],
            WorstLeakage = scores[worst].Leakage() ?? 0.5,
            WorstLeakageInterval = bootstrap.Interval(weights => deciding.Max(i => scores[i].Leakage(weights))),
            WorstAttacker = readings[worst].Name,
            LeakagePublicGenerator = withGenerator.Length == deciding.Length ? null : withGenerator.Max(i => scores[i].Leakage() ?? 0.5),
            Roc = scores[worst].RocPoints(),
            FloorFromFinding = finding is null ? null : Floor(column, finding),
            WithinFinding = finding is null ? [] : [.. finding.Classes.Select((name, k) =>
            {
                ColumnScores own = ColumnScores.Of(readings[worst].Margins[index], column, row => finding.Labels[row] == k);
                return new StratumLeakage(name, own.Count, own.Leakage());
            })],
        };
    }

    // What the true finding alone tells: the frequency of each class of the attribute within the finding's classes is the score.
    private static double? Floor(SubjectColumn column, SubjectColumn finding)
    {
        Dictionary<int, double[]> shares = Enumerable.Range(0, column.Labels.Count).Where(row => column.Labels[row] >= 0).GroupBy(row => finding.Labels[row]).ToDictionary(
            rows => rows.Key,
            rows => (double[])[.. column.Classes.Select((_, k) => rows.Average(row => column.Labels[row] == k ? 1.0 : 0.0))]);
        double[][] margins = [.. column.Classes.Select((_, k) => finding.Labels.Select(label => shares.TryGetValue(label, out double[]? own) ? own[k] : 0).ToArray())];
        return ColumnScores.Of(margins, column).Leakage();
    }
}
