using System.Numerics;

namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>Costs between encodings and candidate pictures without training: spectrum, row sums and distances, each scaled by its median, added.</summary>
internal static class FingerprintCosts
{
    /// <summary>The single costs and their sum, each [victims, candidates].</summary>
    public static IReadOnlyList<(string Name, double[,] Cost)> Of(IReadOnlyList<Fingerprint> victims, IReadOnlyList<Fingerprint> candidates)
    {
        double[,] spectrum = Standardised([.. victims.Select(f => f.Spectrum)], [.. candidates.Select(f => f.Spectrum)]);
        double[,] rowSums = Standardised([.. victims.Select(f => f.RowSums)], [.. candidates.Select(f => f.RowSums)]);
        int kept = Math.Min(victims.Count, candidates.Count);
        double[,] distances = Scaled(Between(SortedDistances(victims, kept), SortedDistances(candidates, kept)));
        var all = new double[victims.Count, candidates.Count];
        for (int i = 0; i < victims.Count; i++)
        {
            for (int j = 0; j < candidates.Count; j++)
            {
                all[i, j] = spectrum[i, j] + rowSums[i, j] + distances[i, j];
            }
        }

        return [("spectrum", spectrum), ("rowSums", rowSums), ("distances", distances), ("all", all)];
    }

    /// <summary>Squared distances of rows, each side standardised column by column by its own mean and deviation, divided by their median: keys shift and scale all images alike.</summary>
    public static double[,] Standardised(double[][] victims, double[][] candidates) => Scaled(Between(Standardised(victims), Standardised(candidates)));

    private static double[][] Standardised(double[][] side)
    {
        double[][] rows = [.. side.Select(row => row.ToArray())];
        for (int c = 0; c < rows[0].Length; c++)
        {
            double mean = rows.Average(row => row[c]);
            double deviation = Math.Sqrt(rows.Average(row => (row[c] - mean) * (row[c] - mean))) + 1e-9;
            foreach (double[] row in rows)
            {
                row[c] = (row[c] - mean) / deviation;
            }
        }

        return rows;
    }

    // Distances of an image's mean row to those of all others of its side, sorted; resampled if the sides differ in size.
    private static double[][] SortedDistances(IReadOnlyList<Fingerprint> side, int kept)
    {
        double[][] squared = [.. side.Select(_ => new double[side.Count])];
        double[][] means = [.. side.Select(f => f.Mean)];
        double[,] between = Between(means, means);
        for (int i = 0; i < side.Count; i++)
        {
            for (int j = 0; j < side.Count; j++)
            {
                squared[i][j] = Math.Sqrt(between[i, j]);
            }

            Array.Sort(squared[i]);
        }

        return [.. squared.Select(row => Enumerable.Range(0, kept).Select(k => row[(int)((long)k * (row.Length - 1) / Math.Max(1, kept - 1))]).ToArray())];
    }

    private static double[,] Between(double[][] left, double[][] right)
    {
        var result = new double[left.Length, right.Length];
        Parallel.For(0, left.Length, i =>
        {
            for (int j = 0; j < right.Length; j++)
            {
                result[i, j] = SquaredDistance(left[i], right[j]);
            }
        });
        return result;
    }

    // 2,000 pictures have four million pairs of 2,048 numbers, twice: without vectors this takes longer than the encoding.
    private static double SquaredDistance(ReadOnlySpan<double> left, ReadOnlySpan<double> right)
    {
        Vector<double> sums = Vector<double>.Zero;
        int c = 0;
        for (; c <= left.Length - Vector<double>.Count; c += Vector<double>.Count)
        {
            Vector<double> d = new Vector<double>(left[c..]) - new Vector<double>(right[c..]);
            sums += d * d;
        }

        double sum = Vector.Sum(sums);
        for (; c < left.Length; c++)
        {
            double d = left[c] - right[c];
            sum += d * d;
        }

        return sum;
    }

    /// <summary>Divides by the median, in place.</summary>
    public static double[,] Scaled(double[,] cost)
    {
        double[] sorted = [.. cost.Cast<double>().Order()];
        double median = Math.Max(sorted[sorted.Length / 2], 1e-300);
        for (int i = 0; i < cost.GetLength(0); i++)
        {
            for (int j = 0; j < cost.GetLength(1); j++)
            {
                cost[i, j] /= median;
            }
        }

        return cost;
    }
}
