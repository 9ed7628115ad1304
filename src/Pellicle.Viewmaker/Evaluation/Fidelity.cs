using Pellicle.Nn.Losses;
using Pellicle.Tensors;
using Pellicle.Viewmaker.Subjects;

namespace Pellicle.Viewmaker.Evaluation;

/// <summary>How far pictures changed, in pixel-range units.</summary>
/// <param name="MeanAbsDelta">Mean |δ|.</param>
/// <param name="MaxAbsDelta">Largest |δ|.</param>
/// <param name="Psnr">Peak signal to noise, dB; null without any change.</param>
/// <param name="Ssim">Mean structural similarity.</param>
/// <param name="BudgetUsed">Mean |δ| over the budget; null where the budget is not in these units.</param>
/// <param name="Histogram">Shares of samples by |δ|, in steps of 0.02; the last takes the rest.</param>
public sealed record Fidelity(double MeanAbsDelta, double MaxAbsDelta, double? Psnr, double Ssim, double? BudgetUsed, IReadOnlyList<double> Histogram)
{
    private const int Bins = 16;

    /// <summary>Compares pictures.</summary>
    /// <param name="before">Originals.</param>
    /// <param name="after">Same rows.</param>
    /// <param name="budget">Budget in the same units, or null.</param>
    public static Fidelity Of(PictureSet before, PictureSet after, double? budget)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        double sum = 0, squares = 0, max = 0, similarity = 0;
        var histogram = new double[Bins];
        double samples = (double)before.Count * before.SampleCount;
        for (int row = 0; row < before.Count; row++)
        {
            for (int k = 0; k < before.SampleCount; k++)
            {
                double size = Math.Abs(before.Value(row, k) - after.Value(row, k));
                sum += size;
                squares += size * size;
                max = Math.Max(max, size);
                histogram[Math.Min(Bins - 1, (int)(size / 0.02))] += 1 / samples;
            }

            using TensorScope scope = TensorScope.Open();
            similarity += StructuralSimilarity.Of(before.Batch([row]), after.Batch([row])).Item();
        }

        return new Fidelity(sum / samples, max, squares == 0 ? null : -10 * Math.Log10(squares / samples), similarity / before.Count, sum / samples / budget, histogram);
    }
}
