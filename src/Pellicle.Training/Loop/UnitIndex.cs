using Pellicle.Core.Errors;
using Pellicle.Data;

namespace Pellicle.Training.Loop;

/// <summary>The units of privacy of the training split: unit u is one image, or all images of one patient.</summary>
/// <remarks>The order is that of the records, so it depends on nothing but the source.</remarks>
public sealed class UnitIndex
{
    private readonly int[][] _members;

    private UnitIndex(int[][] members) => _members = members;

    /// <summary>Number of units n.</summary>
    public int Count => _members.Length;

    /// <summary>Most images of one unit.</summary>
    public int LargestUnit => _members.Length == 0 ? 0 : _members.Max(m => m.Length);

    /// <summary>Images of one unit, as positions in the training list.</summary>
    /// <param name="unit">0 … n−1.</param>
    public ReadOnlySpan<int> this[int unit] => _members[unit];

    /// <summary>Every image is a unit.</summary>
    /// <param name="images">Number of training images, planted ones included.</param>
    public static UnitIndex ByImage(int images) => new([.. Enumerable.Range(0, images).Select(i => new[] { i })]);

    /// <summary>Every patient is a unit; each planted image is a patient of its own.</summary>
    /// <param name="records">Training records.</param>
    /// <param name="planted">Number of planted images, which follow the records in the training list.</param>
    /// <exception cref="DataFormatException">Images without a patient: says how many.</exception>
    public static UnitIndex ByPatient(IReadOnlyList<ImageRecord> records, int planted)
    {
        ArgumentNullException.ThrowIfNull(records);
        int missing = records.Count(r => string.IsNullOrEmpty(r.Patient));
        if (missing > 0)
        {
            throw new DataFormatException(
                $"--unit patient needs a patient for every training image, but {missing} of {records.Count} have none.",
                "Name the column with --patient-column, remove those images, or use --unit image.");
        }

        IEnumerable<int[]> patients = Enumerable.Range(0, records.Count).GroupBy(i => records[i].Patient!, StringComparer.Ordinal).Select(g => g.ToArray());
        return new UnitIndex([.. patients, .. Enumerable.Range(records.Count, planted).Select(i => new[] { i })]);
    }
}
