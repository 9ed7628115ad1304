using Pellicle.Privacy.Clipping;

namespace Pellicle.Training.Steps;

/// <summary>Cuts a logical batch into parts that fit into memory. All images of a unit stay together, because its gradient is clipped as a whole.</summary>
internal static class PhysicalBatches
{
    /// <summary>Parts of a batch, in order.</summary>
    /// <param name="batch">The views of the drawn images, those of one unit next to each other.</param>
    /// <param name="most">Most images of a part; a single larger unit is a part of its own.</param>
    /// <returns>Start and length within the batch's images.</returns>
    public static IEnumerable<(int Start, int Length)> Split(BatchViews batch, int most)
    {
        int start = 0;
        while (start < batch.Count)
        {
            int end = Math.Min(start + most, batch.Count);
            while (end < batch.Count && end > start && batch.UnitOf(end) == batch.UnitOf(end - 1))
            {
                end--;
            }

            if (end == start)
            {
                end = start + 1;
                while (end < batch.Count && batch.UnitOf(end) == batch.UnitOf(start))
                {
                    end++;
                }
            }

            yield return (start, end - start);
            start = end;
        }
    }

    /// <summary>Which image of a part belongs to which of its units.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="start">First image of the part.</param>
    /// <param name="length">Images of the part.</param>
    public static UnitLayout Layout(BatchViews batch, int start, int length)
    {
        var units = new int[length];
        int first = batch.UnitOf(start);
        for (int i = 0; i < length; i++)
        {
            units[i] = batch.UnitOf(start + i) - first;
        }

        return UnitLayout.Of(units, units[^1] + 1);
    }

    /// <summary>A size that fits into memory: a power of two, from the widths of the recorded layers.</summary>
    /// <param name="layers">Plan of the layers.</param>
    /// <param name="expectedImages">Images of a logical batch.</param>
    /// <param name="memoryBytes">Memory for activations and their gradients.</param>
    /// <param name="largest">Most images whatever the memory.</param>
    /// <returns>1 … <paramref name="largest"/>.</returns>
    public static int Choose(IReadOnlyList<LayerPlanRow> layers, long expectedImages, long memoryBytes, int largest)
    {
        long most = Math.Clamp(memoryBytes / Math.Max(1, BytesPerImage(layers)), 1, largest);
        // A Poisson batch is larger than expected about half of the time; a quarter more covers nearly all for batches of 100 and above.
        long wanted = Math.Min(most, Math.Max(16, expectedImages + (expectedImages / 4)));
        return most < expectedImages ? 1 << (int)Math.Log2(most) : (int)wanted;
    }

    /// <summary>Bytes of activations and gradients that one image needs, roughly: inputs and outputs of all recorded layers, twice, in float32.</summary>
    /// <param name="layers">Plan of the layers.</param>
    public static long BytesPerImage(IReadOnlyList<LayerPlanRow> layers) =>
        layers.Sum(layer => layer.Tokens * (layer.InputWidth + layer.OutputWidth)) * sizeof(float) * 2;
}
