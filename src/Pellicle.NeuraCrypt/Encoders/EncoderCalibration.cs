using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Encoders;

/// <summary>Measures the statistics that frozen norms use: layer by layer over the owner's images, in double.</summary>
/// <remarks>The values of a layer are kept for all images until its statistics are known (P · width · 4 bytes an image), so the products are
/// computed once. The result describes private images and belongs inside the sealed key.</remarks>
public static class EncoderCalibration
{
    /// <summary>Most images that are looked at.</summary>
    public const int MostImages = 512;

    private const long MostValues = 128L << 20; // 512 MiB of activations

    /// <summary>Images used for calibration out of those there are: bounded by count and by memory.</summary>
    /// <param name="architecture">Sizes.</param>
    /// <param name="available">Images there are.</param>
    public static int ImagesFor(EncoderArchitecture architecture, int available)
    {
        ArgumentNullException.ThrowIfNull(architecture);
        long fitting = Math.Max(16, MostValues / ((long)architecture.Patches * architecture.Width));
        return (int)Math.Min(Math.Min(available, MostImages), fitting);
    }

    /// <summary>Measures mean and biased variance of every norm.</summary>
    /// <param name="weights">The encoder.</param>
    /// <param name="batches">Batches of images, each [B, C, S, S], normalised; each tensor is used once, within its own turn.</param>
    /// <returns>One entry per norm; none for encoders without norms.</returns>
    /// <exception cref="ArgumentException">No images.</exception>
    public static IReadOnlyList<NormStatistics> Measure(EncoderWeights weights, IEnumerable<Tensor> batches)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(batches);
        EncoderArchitecture architecture = weights.Architecture;
        if (architecture.Kind == EncoderKind.Linear || architecture.Depth == 0)
        {
            return [];
        }

        using GradientMode off = GradientMode.Off();
        using TensorScope scope = TensorScope.Open();
        using var unfrozen = new PrivateEncoder(weights.Under(architecture with { Normalisation = EncoderNormalisation.None }));
        List<Tensor> values = [];
        foreach (Tensor images in batches)
        {
            values.Add(unfrozen.FirstLayer(images));
        }

        if (values.Count == 0)
        {
            throw new ArgumentException("Calibration needs at least one image.", nameof(batches));
        }

        var result = new List<NormStatistics>();
        for (int i = 0; i < architecture.Depth; i++)
        {
            using FoldedLayer plain = PrivateEncoder.Unfolded(weights, i);
            Apply(values, plain);
            NormStatistics statistics = StatisticsOf(values, architecture.Width);
            result.Add(statistics);
            Normalise(values, weights, i, statistics);
        }

        return result;
    }

    private static void Apply(List<Tensor> values, FoldedLayer layer)
    {
        for (int j = 0; j < values.Count; j++)
        {
            Tensor next = PrivateEncoder.Product(values[j], layer);
            values[j].Dispose();
            values[j] = next;
        }
    }

    private static NormStatistics StatisticsOf(List<Tensor> values, int width)
    {
        double rows = values.Sum(v => v.Size(0));
        double[] mean = ColumnSums(values, width, null);
        for (int c = 0; c < width; c++)
        {
            mean[c] /= rows;
        }

        double[] variance = ColumnSums(values, width, mean);
        for (int c = 0; c < width; c++)
        {
            variance[c] /= rows;
        }

        return new NormStatistics(mean, variance);
    }

    // Sums of x, or of (x − centre)²; blocks of rows go to double so that no whole layer does.
    private static double[] ColumnSums(List<Tensor> values, int width, double[]? centre)
    {
        const int Block = 4096;
        var sums = new double[width];
        foreach (Tensor value in values)
        {
            for (long first = 0; first < value.Size(0); first += Block)
            {
                using TensorScope scope = TensorScope.Open();
                Tensor block = value.Narrow(0, first, Math.Min(Block, value.Size(0) - first)).To(DType.Float64);
                Tensor terms = centre is null ? block : (block - Tensor.From<double>(centre, width)).Square();
                double[] part = terms.Sum(0).ToArray<double>();
                for (int c = 0; c < width; c++)
                {
                    sums[c] += part[c];
                }
            }
        }

        return sums;
    }

    private static void Normalise(List<Tensor> values, EncoderWeights weights, int i, NormStatistics statistics)
    {
        float[] gamma = weights[EncoderArchitecture.NormName(i, "weight")];
        float[] beta = weights[EncoderArchitecture.NormName(i, "bias")];
        int width = gamma.Length;
        var scale = new float[width];
        var shift = new float[width];
        for (int c = 0; c < width; c++)
        {
            double factor = gamma[c] / Math.Sqrt(statistics.Variance[c] + NormStatistics.Epsilon);
            scale[c] = (float)factor;
            shift[c] = (float)(beta[c] - (factor * statistics.Mean[c]));
        }

        using TensorScope scope = TensorScope.Open();
        Tensor scales = Tensor.From<float>(scale, width);
        Tensor shifts = Tensor.From<float>(shift, width);
        foreach (Tensor value in values)
        {
            value.MultiplyInPlace(scales);
            value.AddInPlace(shifts);
            AtenOperators.ReluInPlace.Apply(value);
        }
    }
}
