using Pellicle.Viewmaker.Generators;
using Pellicle.Viewmaker.Readers;
using Pellicle.Viewmaker.Release;

namespace Pellicle.Viewmaker.Training;

/// <summary>What the reference reports: the macro-F1 of an attacker trained on originals and frozen. A generator that only fools this network hides nothing.</summary>
internal static class ReferenceMeasure
{
    /// <summary>The measure of the selected generator, mean over attributes.</summary>
    public static double? Of(ObfuscationFolder folder, Reader attacker, LabelledPictures validation)
    {
        if (!File.Exists(folder.Generator))
        {
            return null;
        }

        using Generator generator = Generator.Open(folder.Generator);
        using KeyedNoise noise = KeyedNoise.Fresh();
        float[] outputs = attacker.Outputs(PictureRelease.Obfuscate(generator, validation.Pictures, row => noise.For(row.ToString())));
        return validation.Columns.Skip(1).Select((column, c) => MacroF1(attacker.Margins(outputs, c), column.Labels)).Average();
    }

    /// <summary>Macro-F1 of the class with the largest score.</summary>
    /// <param name="margins">n scores a class.</param>
    /// <param name="labels">n labels, −1 for unknown.</param>
    /// <returns>0 to 1; 0 if no label is known.</returns>
    public static double MacroF1(double[][] margins, IReadOnlyList<int> labels)
    {
        int[][] confusion = [.. margins.Select(_ => new int[margins.Length])];
        foreach (int row in Enumerable.Range(0, labels.Count).Where(row => labels[row] >= 0))
        {
            confusion[labels[row]][Enumerable.Range(0, margins.Length).MaxBy(k => margins[k][row])]++;
        }

        return Pellicle.Training.Metrics.MacroF1.Of(confusion) ?? 0;
    }
}
