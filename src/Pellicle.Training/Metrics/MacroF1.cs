namespace Pellicle.Training.Metrics;

/// <summary>Mean over classes of 2·TP / (2·TP + FP + FN), over the classes that occur as truth or as prediction; the F1 of a class that is never right is 0.</summary>
public static class MacroF1
{
    /// <summary>The measure.</summary>
    /// <param name="confusion">Counts [K, K], rows are the truth.</param>
    /// <returns>0 to 1; null without any image.</returns>
    public static double? Of(IReadOnlyList<int[]> confusion)
    {
        ArgumentNullException.ThrowIfNull(confusion);
        double sum = 0;
        int classes = 0;
        for (int k = 0; k < confusion.Count; k++)
        {
            int truths = confusion[k].Sum();
            int guesses = confusion.Sum(row => row[k]);
            if (truths + guesses > 0)
            {
                classes++;
                sum += 2.0 * confusion[k][k] / (truths + guesses);
            }
        }

        return classes == 0 ? null : sum / classes;
    }
}
