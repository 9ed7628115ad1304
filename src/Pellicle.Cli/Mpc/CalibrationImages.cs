using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Data;

namespace Pellicle.Cli.Mpc;

/// <summary>Images whose values say how large the numbers of a network become.</summary>
/// <remarks>What is kept of them is public: a sign width a layer, and ranges of variances.</remarks>
/// <param name="Source">Where they come from, for the report.</param>
/// <param name="IsSynthetic">True if no images were given.</param>
/// <param name="Images">Prepared images.</param>
internal sealed record CalibrationImages(string Source, bool IsSynthetic, IReadOnlyList<float[]> Images)
{
    /// <summary>Images of a source that are used.</summary>
    public const int Most = 64;

    /// <summary>Below this number the user is warned.</summary>
    public const int Few = 32;

    private const int SyntheticImages = 24;

    // A model that does not say its input's scale may take pixels in 0..1 or in 0..255.
    private const float LargestRawPixel = 255;

    /// <summary>Reads images, or makes some.</summary>
    /// <param name="model">Says how an image is prepared.</param>
    /// <param name="source">A data source, a folder of pictures or arrays, or one such file; null makes synthetic images.</param>
    /// <exception cref="DataFormatException">There is nothing that can be used.</exception>
    public static CalibrationImages Read(EncryptedModel model, string? source)
    {
        if (source is null)
        {
            return new CalibrationImages("synthetic", IsSynthetic: true, Synthetic(model));
        }

        if (File.Exists(source) && ImageFile.Extensions.Contains(Path.GetExtension(source).ToLowerInvariant()))
        {
            return Of(source, ClientImages.Read(model.Input, model.File, [source]));
        }

        if (model.Transform is not { } transform || (Directory.Exists(source) && IsFlat(source)))
        {
            return Of(source, ClientImages.Read(model.Input, model.File, [.. ClientImages.In(source).Take(Most)]));
        }

        using ImageDataset dataset = ImageDataset.Open(source, new DatasetOptions { Window = DicomWindow.Parse(model.Input.Window) });
        IReadOnlyList<int> training = dataset.IndicesOf(SplitName.Train), records = [.. (training.Count > 0 ? training : Enumerable.Range(0, dataset.Records.Count)).Take(Most)];
        return new CalibrationImages(source, IsSynthetic: false, [.. records.Select(record =>
        {
            var pixels = new float[transform.SampleCount];
            transform.Apply(dataset.Read(record), pixels);
            return pixels;
        })]);
    }

    private static CalibrationImages Of(string source, IReadOnlyList<(string Name, float[] Values)> images) => new(source, IsSynthetic: false, [.. images.Take(Most).Select(image => image.Values)]);

    private static bool IsFlat(string folder) => Directory.EnumerateFiles(folder).Any(file => ImageFile.Extensions.Contains(Path.GetExtension(file).ToLowerInvariant()));

    // Noise, gradients and blobs over the whole range of pixels.
    private static float[][] Synthetic(EncryptedModel model)
    {
        var random = new SeededRandom(0);
        IReadOnlyList<int> shape = model.Input.Shape;
        int plane = shape.Count == 3 ? shape[1] * shape[2] : model.Input.Count, width = shape.Count == 3 ? shape[2] : plane;
        return [.. Enumerable.Range(0, SyntheticImages).Select(number =>
        {
            double contrast = random.NextDouble(), centreX = random.NextDouble(), centreY = random.NextDouble(), tilt = random.NextDouble();
            var image = new float[model.Input.Count];
            for (int i = 0; i < image.Length; i++)
            {
                int place = i % plane;
                double x = place % width / (double)width, y = place / width / Math.Max(1.0, (double)plane / width);
                double blob = Math.Exp(-8 * (((x - centreX) * (x - centreX)) + ((y - centreY) * (y - centreY))));
                double noise = random.NextDouble();
                double pixel = (number % 3) switch
                {
                    0 => noise,
                    1 => Math.Clamp((contrast * noise) + ((1 - contrast) * ((tilt * x) + ((1 - tilt) * y))), 0, 1),
                    _ => Math.Clamp(contrast + ((0.9 - contrast) * blob) + (0.1 * (noise - 0.5)), 0, 1),
                };
                int channel = i / plane;
                image[i] = model.Input is { Mean: { } mean, Std: { } std } ? ((float)pixel - mean[channel]) / std[channel] : (float)((2 * pixel) - 1) * (number % 2 == 0 ? LargestRawPixel : 3);
            }

            return image;
        })];
    }
}
