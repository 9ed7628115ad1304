using System.Numerics;
using Pellicle.Tensors;

namespace Pellicle.Privacy.Clipping.Kernels;

/// <summary>Squared norms in double. In float32, norms of long vectors read low, and the sensitivity would exceed the bound.</summary>
internal static unsafe class SquareSums
{
    // Below this many floats the parallel loop costs more than it saves.
    private const long ParallelFloats = 1 << 18;

    /// <summary>Adds the squared norm of every row.</summary>
    /// <param name="rows">[R, ...], float32.</param>
    /// <param name="sums">R values, added to.</param>
    public static void AddRows(Tensor rows, Span<double> sums)
    {
        using TensorScope scope = TensorScope.Open();
        Tensor dense = rows.Contiguous();
        int count = sums.Length;
        fixed (float* first = dense.Data<float>())
        fixed (double* result = sums)
        {
            (nint data, nint target) = ((nint)first, (nint)result);
            int width = (int)(dense.Count / Math.Max(1, count));
            void Row(int i) => ((double*)target)[i] += Of(new ReadOnlySpan<float>((float*)data + ((long)i * width), width));
            if (dense.Count < ParallelFloats)
            {
                for (int i = 0; i < count; i++)
                {
                    Row(i);
                }
            }
            else
            {
                Parallel.For(0, count, Row);
            }
        }
    }

    /// <summary>Squared norm of one vector.</summary>
    /// <param name="values">Any length.</param>
    public static double Of(ReadOnlySpan<float> values)
    {
        Vector<double> low = Vector<double>.Zero;
        Vector<double> high = Vector<double>.Zero;
        int i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector.Widen(new Vector<float>(values[i..]), out Vector<double> a, out Vector<double> b);
            low += a * a;
            high += b * b;
        }

        double sum = Vector.Sum(low + high);
        for (; i < values.Length; i++)
        {
            sum += (double)values[i] * values[i];
        }

        return sum;
    }
}
