namespace Pellicle.Mpc.Compiler.Layers;

/// <summary>A public rearrangement of elements: transpositions, slices, choices along an axis, padding with zeros, repetition.</summary>
/// <param name="InputCount">Elements of one image that go in.</param>
/// <param name="Offset">Place of the first element taken.</param>
/// <param name="Axes">Axes of the output, outermost first.</param>
/// <param name="Batch">Images, innermost in input and output.</param>
public sealed record IndexMap(int InputCount, int Offset, IReadOnlyList<IndexAxis> Axes, int Batch = 1)
{
    /// <summary>Elements of the output, all images.</summary>
    public int OutputCount => Axes.Aggregate(Batch, (product, axis) => checked(product * axis.Size));

    /// <summary>For each output the place in the input, all images; -1 for a zero.</summary>
    public int[] Places()
    {
        int[] places = [Offset];
        foreach (IndexAxis axis in Axes)
        {
            var next = new int[checked(places.Length * axis.Size)];
            for (int i = 0; i < next.Length; i++)
            {
                int outer = places[i / axis.Size], step = (i % axis.Size) - axis.Before;
                next[i] = outer < 0 || step < 0 || step >= axis.Inside ? -1 : outer + (step * axis.Stride);
            }

            places = next;
        }

        if (Array.Exists(places, place => place >= InputCount))
        {
            throw new ArgumentException($"A rearrangement reaches beyond its {InputCount} elements.");
        }

        if (Batch == 1)
        {
            return places;
        }

        var all = new int[checked(places.Length * Batch)];
        for (int i = 0; i < all.Length; i++)
        {
            all[i] = places[i / Batch] < 0 ? -1 : (places[i / Batch] * Batch) + (i % Batch);
        }

        return all;
    }

    /// <summary>The last axis outermost: [rows, columns] becomes [columns, rows].</summary>
    /// <param name="rows">Rows of the input.</param>
    /// <param name="columns">Columns of the input.</param>
    public static IndexMap Transposed(int rows, int columns) => new(rows * columns, 0, [new IndexAxis(columns, 1), new IndexAxis(rows, columns)]);
}

/// <summary>One axis of an output.</summary>
/// <param name="Size">Positions.</param>
/// <param name="Stride">Distance in the input of neighbouring positions; may be negative or 0.</param>
/// <param name="Before">Zeros before the first element.</param>
/// <param name="Inside">Elements that come from the input; zeros follow them.</param>
[method: System.Text.Json.Serialization.JsonConstructor]
public sealed record IndexAxis(int Size, int Stride, int Before, int Inside)
{
    /// <summary>An axis without zeros.</summary>
    /// <param name="size">Positions.</param>
    /// <param name="stride">Distance in the input of neighbouring positions.</param>
    public IndexAxis(int size, int stride)
        : this(size, stride, 0, size)
    {
    }
}
