using Pellicle.Tensors;
using Pellicle.Viewmaker.Generators;
using Pellicle.Viewmaker.Subjects;

namespace Pellicle.Viewmaker.Release;

/// <summary>Obfuscates pictures in memory, some at a time; results are 8-bit samples, as in files.</summary>
internal static class PictureRelease
{
    private const int Batch = 32;

    /// <summary>Obfuscates all pictures.</summary>
    /// <param name="generator">The generator.</param>
    /// <param name="pictures">Originals.</param>
    /// <param name="noiseOf">Noise of a picture, disposed here.</param>
    public static PictureSet Obfuscate(Generator generator, PictureSet pictures, Func<int, ImageNoise> noiseOf)
    {
        byte[] samples = new byte[checked(pictures.Count * pictures.SampleCount)];
        for (int start = 0; start < pictures.Count; start += Batch)
        {
            using TensorScope scope = TensorScope.Open();
            int[] rows = [.. Enumerable.Range(start, Math.Min(Batch, pictures.Count - start))];
            ImageNoise[] noise = Array.ConvertAll(rows, row => noiseOf(row));
            try
            {
                Tensor result = generator.Obfuscate(pictures.Batch(rows), (image, values) => noise[image].Fill(values));
                PictureSet.Quantise(result.Contiguous().Data<float>(), samples.AsSpan(start * pictures.SampleCount, rows.Length * pictures.SampleCount));
            }
            finally
            {
                Array.ForEach(noise, own => own.Dispose());
            }
        }

        return new PictureSet(pictures.Channels, pictures.Side, samples);
    }
}
