using Pellicle.Tensors;

namespace Pellicle.Privacy.Clipping.Kernels;

/// <summary><see cref="GramNorm"/> over a batch of matrix pairs.</summary>
internal static unsafe class GramNorms
{
    /// <summary>Measures every pair.</summary>
    /// <param name="inputs">[B, R, R], contiguous float32.</param>
    /// <param name="gradients">[B, R, R], contiguous float32.</param>
    /// <param name="hasBias">Counts the bias as an input column of ones.</param>
    /// <param name="inputWidth">d.</param>
    /// <param name="outputWidth">p.</param>
    /// <param name="results">B results.</param>
    public static void Measure(Tensor inputs, Tensor gradients, bool hasBias, long inputWidth, long outputWidth, Span<GramNorm> results)
    {
        int rows = (int)inputs.Size(1);
        int count = results.Length;
        fixed (float* a = inputs.Data<float>(), g = gradients.Data<float>())
        fixed (GramNorm* r = results)
        {
            (nint pa, nint pg, nint pr) = ((nint)a, (nint)g, (nint)r);
            void One(int i)
            {
                long start = (long)i * rows * rows;
                ((GramNorm*)pr)[i] = GramNorm.Measure(
                    new ReadOnlySpan<float>((float*)pa + start, rows * rows), new ReadOnlySpan<float>((float*)pg + start, rows * rows), rows, hasBias, inputWidth, outputWidth);
            }

            if ((long)count * rows * rows < 1 << 17)
            {
                for (int i = 0; i < count; i++)
                {
                    One(i);
                }
            }
            else
            {
                Parallel.For(0, count, One);
            }
        }
    }
}
