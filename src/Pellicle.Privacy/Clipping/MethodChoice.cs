using Pellicle.Nn;

namespace Pellicle.Privacy.Clipping;

/// <summary>Chooses, from shapes only, how a layer's norms are found: the faster of Gram matrices and per-sample gradients.</summary>
/// <remarks>Per unit with R rows of widths d and p: Gram needs 2R²(d+p) operations and then the scaled product 2Rdp; per-sample needs 2Rdp
/// and three passes over dp floats (write, norm, sum), or, if too large to keep, they are formed twice, in parts. The often quoted rule
/// 2R² &lt; dp looks at memory only and picks the slower way for small vision transformers.</remarks>
internal static class MethodChoice
{
    public static ClippingMethod For(RecordShape shape, int units, int imagesPerUnit, ClippingExecution execution)
    {
        if (shape.PerSampleOnly)
        {
            return ClippingMethod.PerSample;
        }

        double rows = (double)shape.Tokens * imagesPerUnit;
        if (rows == 1)
        {
            // One row: the norm is a product of two row norms, exact and free.
            return ClippingMethod.Gram;
        }

        if (execution.ForcedMethod is { } forced)
        {
            return forced;
        }

        double elements = (double)shape.InputWidth * shape.OutputWidth;
        double product = 2 * rows * elements / execution.ProductOperationsPerSecond;
        double pass = sizeof(float) * elements / execution.MemoryBytesPerSecond;
        double gram = (2 * rows * rows * (shape.InputWidth + shape.OutputWidth) / execution.GramOperationsPerSecond) + product;
        double perSample = Keeps(shape, units, execution) ? product + (3 * pass) : (2 * product) + (4 * pass);
        return gram < perSample ? ClippingMethod.Gram : ClippingMethod.PerSample;
    }

    /// <summary>True if the per-sample gradients of all units fit into the limit, so that the sum can be taken from them.</summary>
    public static bool Keeps(RecordShape shape, int units, ClippingExecution execution) =>
        sizeof(float) * (double)shape.Groups * shape.InputWidth * shape.OutputWidth * units <= execution.PerSampleLimitBytes;
}
