using Pellicle.Core.Random;
using Pellicle.Tensors;
using Pellicle.Viewmaker.Generators;
using Pellicle.Viewmaker.Subjects;
using Pellicle.Viewmaker.Training;

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
        foreach (int[] rows in Enumerable.Range(0, pictures.Count).Chunk(Batch))
        {
            ImageNoise[] noise = Array.ConvertAll(rows, row => noiseOf(row));
            try
            {
                Write(generator, pictures, rows, (image, values) => noise[image].Fill(values), samples);
            }
            finally
            {
                Array.ForEach(noise, own => own.Dispose());
            }
        }

        return new PictureSet(pictures.Channels, pictures.Side, samples);
    }

    /// <summary>Obfuscates all pictures with noise that training can repeat. It protects nobody: for pictures that are not released.</summary>
    /// <param name="generator">The generator.</param>
    /// <param name="pictures">Originals.</param>
    /// <param name="random">Root of the noise.</param>
    public static PictureSet ObfuscateForTraining(Generator generator, PictureSet pictures, ISeededRandom random)
    {
        byte[] samples = new byte[checked(pictures.Count * pictures.SampleCount)];
        foreach (int[] rows in Enumerable.Range(0, pictures.Count).Chunk(Batch))
        {
            Write(generator, pictures, rows, SeededNoise.Of(rows, random.Derive("rows", (ulong)rows[0])), samples);
        }

        return new PictureSet(pictures.Channels, pictures.Side, samples);
    }

    private static void Write(Generator generator, PictureSet pictures, int[] rows, NoiseSource noise, Span<byte> samples)
    {
        using TensorScope scope = TensorScope.Open();
        Tensor result = generator.Obfuscate(pictures.Batch(rows), noise);
        PictureSet.Quantise(result.Contiguous().Data<float>(), samples.Slice(rows[0] * pictures.SampleCount, rows.Length * pictures.SampleCount));
    }
}
