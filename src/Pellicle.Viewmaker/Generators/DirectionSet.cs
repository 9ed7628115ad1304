namespace Pellicle.Viewmaker.Generators;

/// <summary>Orthonormal directions, found one after the other (Gram and Schmidt), away from protected ones.</summary>
/// <param name="components">Dimension K.</param>
/// <param name="most">Directions that are wanted.</param>
internal sealed class DirectionSet(int components, int most)
{
    private const double Least = 1e-3;
    private readonly List<double[]> _protected = [];
    private readonly List<double[]> _directions = [];

    /// <summary>Directions added.</summary>
    public int Count => _directions.Count;

    /// <summary>Forgets all but the first.</summary>
    /// <param name="count">How many stay.</param>
    public void Keep(int count) => _directions.RemoveRange(count, _directions.Count - count);

    /// <summary>Keeps a direction free of all that are added later.</summary>
    public void Protect(double[] direction) => Take(direction, _protected);

    /// <summary>Adds the part of a direction that is new, unless there are enough or hardly anything is new.</summary>
    public void Add(double[] direction)
    {
        if (_directions.Count < most)
        {
            Take(direction, _directions);
        }
    }

    /// <summary>All directions, row by row, then zeros.</summary>
    /// <param name="rows">Rows of the result, at least as many as directions are wanted.</param>
    public double[] ToArray(int rows) => [.. _directions.SelectMany(direction => direction), .. new double[(rows - _directions.Count) * components]];

    private void Take(double[] direction, List<double[]> target)
    {
        double before = Length(direction);
        double[] rest = [.. direction];
        foreach (double[] other in _protected.Concat(_directions))
        {
            double share = rest.Zip(other).Sum(pair => pair.First * pair.Second);
            for (int i = 0; i < rest.Length; i++)
            {
                rest[i] -= share * other[i];
            }
        }

        double after = Length(rest);
        if (before > 0 && after > Least * before)
        {
            target.Add([.. rest.Select(value => value / after)]);
        }
    }

    private static double Length(double[] direction) => Math.Sqrt(direction.Sum(value => value * value));
}

/// <summary>Directions between the means of classes.</summary>
internal static class ClassMeans
{
    /// <summary>For each class but the last its mean less that of all later ones; coefficients that are no larger than chance would make them are shrunk (positive part of James and Stein).</summary>
    /// <param name="scores">Whitened scores [n, K], row by row.</param>
    /// <param name="components">K.</param>
    /// <param name="labels">Class of each row, −1 for unknown.</param>
    public static IEnumerable<double[]> Of(double[] scores, int components, IReadOnlyList<int> labels)
    {
        for (int k = 0; k < labels.Max(); k++)
        {
            var difference = new double[components];
            double inside = labels.Count(label => label == k), outside = labels.Count(label => label > k);
            if (inside < 2 || outside < 2)
            {
                continue;
            }

            for (int i = 0; i < labels.Count; i++)
            {
                double weight = labels[i] == k ? 1 / inside : labels[i] > k ? -1 / outside : 0;
                for (int c = 0; c < components && weight != 0; c++)
                {
                    difference[c] += weight * scores[(i * components) + c];
                }
            }

            double chance = (1 / inside) + (1 / outside);
            yield return [.. difference.Select(d => d * Math.Max(0, 1 - (chance / ((d * d) + 1e-300))))];
        }
    }
}
