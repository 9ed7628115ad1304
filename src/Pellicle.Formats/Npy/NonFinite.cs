namespace Pellicle.Formats.Npy;

/// <summary>Finds NaN and infinities in input data, with their place.</summary>
public static class NonFinite
{
    /// <summary>Position of the first element that is NaN or infinite, or -1.</summary>
    /// <param name="values">Any length.</param>
    public static long IndexOfFirst(ReadOnlySpan<float> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i]))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>Position of the first element that is NaN or infinite, or -1.</summary>
    /// <param name="values">Any length.</param>
    public static long IndexOfFirst(ReadOnlySpan<double> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            if (!double.IsFinite(values[i]))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>Turns a flat position into one index per dimension.</summary>
    /// <param name="shape">Sizes, outermost first, none of them 0.</param>
    /// <param name="position">Row-major position, from 0 to the number of elements - 1.</param>
    public static long[] IndexIn(IReadOnlyList<long> shape, long position)
    {
        ArgumentNullException.ThrowIfNull(shape);
        var index = new long[shape.Count];
        for (int d = shape.Count - 1; d >= 0; d--)
        {
            (position, index[d]) = Math.DivRem(position, shape[d]);
        }

        return index;
    }
}
