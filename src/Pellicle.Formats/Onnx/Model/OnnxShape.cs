namespace Pellicle.Formats.Onnx;

/// <summary>Arithmetic of shapes: element counts that cannot overflow, strides, broadcasting, axes.</summary>
internal static class OnnxShape
{
    /// <summary>Number of elements, or −1 if a size is negative or the product does not fit an array.</summary>
    public static long Count(ReadOnlySpan<long> shape)
    {
        long count = 1;
        bool isEmpty = false;
        foreach (long size in shape)
        {
            if (size < 0)
            {
                return -1;
            }

            isEmpty |= size == 0;
            if (size > 0 && count > Array.MaxLength / size)
            {
                count = -1;
                break;
            }

            count *= Math.Max(size, 1);
        }

        return isEmpty ? 0 : count;
    }

    /// <summary>Elements between neighbours along each axis, row-major.</summary>
    public static long[] Strides(ReadOnlySpan<long> shape)
    {
        var strides = new long[shape.Length];
        long stride = 1;
        for (int i = shape.Length - 1; i >= 0; i--)
        {
            strides[i] = stride;
            stride *= Math.Max(shape[i], 1);
        }

        return strides;
    }

    /// <summary>Product of a part of a shape.</summary>
    public static long Product(ReadOnlySpan<long> sizes)
    {
        long product = 1;
        foreach (long size in sizes)
        {
            product *= size;
        }

        return product;
    }

    /// <summary>The common shape under multidirectional broadcasting, or null if there is none.</summary>
    public static long[]? Broadcast(ReadOnlySpan<long> a, ReadOnlySpan<long> b)
    {
        var shape = new long[Math.Max(a.Length, b.Length)];
        for (int i = 1; i <= shape.Length; i++)
        {
            long x = i <= a.Length ? a[^i] : 1;
            long y = i <= b.Length ? b[^i] : 1;
            if (x != y && x != 1 && y != 1)
            {
                return null;
            }

            shape[^i] = x == 1 ? y : x;
        }

        return shape;
    }

    /// <summary>For each element of a larger shape, the place of the broadcast element in a smaller one.</summary>
    public static int[] BroadcastPlaces(ReadOnlySpan<long> from, ReadOnlySpan<long> to)
    {
        long[] own = Strides(from);
        var strides = new long[to.Length];
        for (int i = 1; i <= from.Length; i++)
        {
            strides[^i] = from[^i] == 1 ? 0 : own[^i];
        }

        return Places(to, strides, 0);
    }

    /// <summary>For each element of a shape in row-major order: offset + Σ index · stride.</summary>
    /// <param name="shape">Sizes to walk over.</param>
    /// <param name="strides">Step in the source for each axis; may be negative or 0.</param>
    /// <param name="offset">Place of the first element.</param>
    public static int[] Places(ReadOnlySpan<long> shape, ReadOnlySpan<long> strides, long offset)
    {
        long count = Count(shape);
        var places = new int[count];
        if (count == 0)
        {
            return places;
        }

        var index = new long[shape.Length];
        long at = offset;
        for (int i = 0; ; i++)
        {
            places[i] = (int)at;
            int axis = shape.Length - 1;
            for (; axis >= 0; axis--)
            {
                at += strides[axis];
                if (++index[axis] < shape[axis])
                {
                    break;
                }

                at -= strides[axis] * shape[axis];
                index[axis] = 0;
            }

            if (axis < 0)
            {
                return places;
            }
        }
    }

    /// <summary>As text, for messages.</summary>
    public static string Text(IEnumerable<long> shape) => $"[{string.Join(", ", shape)}]";
}
