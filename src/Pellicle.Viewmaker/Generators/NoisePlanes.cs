using Pellicle.Tensors;

namespace Pellicle.Viewmaker.Generators;

/// <summary>Fills the noise of one image of a batch with uniform numbers in [0, 1).</summary>
/// <param name="image">Row of the batch.</param>
/// <param name="values">One plane; planes are asked for in order.</param>
public delegate void NoiseSource(int image, Span<float> values);

/// <summary>Makes noise planes [B, 1, h, w]. Each image has a source of its own, so its noise does not depend on the batch.</summary>
internal static class NoisePlanes
{
    /// <summary>Standard normal numbers of uniform ones.</summary>
    /// <param name="uniform">[B, 1, 1, n] in [0, 1).</param>
    /// <param name="type">Type of the result.</param>
    /// <returns>[B, n].</returns>
    public static Tensor Normal(Tensor uniform, DType type) =>
        ImageOperators.InverseError(((uniform.To(type).Reshape(uniform.Size(0), -1) * 2) - 1).Clamp(-1 + 1e-6, 1 - 1e-6)) * Math.Sqrt(2);

    public static Tensor[] Of(IReadOnlyList<(long Height, long Width)> sizes, int batch, NoiseSource source)
    {
        var planes = new Tensor[sizes.Count];
        for (int p = 0; p < planes.Length; p++)
        {
            int length = checked((int)(sizes[p].Height * sizes[p].Width));
            planes[p] = Tensor.Empty(DType.Float32, batch, 1, sizes[p].Height, sizes[p].Width);
            for (int i = 0; i < batch; i++)
            {
                source(i, planes[p].Data<float>().Slice(i * length, length));
            }
        }

        return planes;
    }
}
