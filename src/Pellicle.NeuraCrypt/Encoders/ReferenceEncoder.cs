namespace Pellicle.NeuraCrypt.Encoders;

/// <summary>The encoder as plain loops in double: the slow twin of <see cref="PrivateEncoder"/>, for tests and for looking things up.</summary>
public static class ReferenceEncoder
{
    /// <summary>Encodes a batch.</summary>
    /// <param name="weights">The encoder.</param>
    /// <param name="images">[B, C, S, S], row-major, normalised.</param>
    /// <param name="statistics">One per norm in frozen mode.</param>
    /// <returns>[B, P, hiddenDim], row-major.</returns>
    public static double[] Encode(EncoderWeights weights, ReadOnlySpan<double> images, IReadOnlyList<NormStatistics>? statistics = null)
    {
        ArgumentNullException.ThrowIfNull(weights);
        EncoderArchitecture a = weights.Architecture;
        int batch = images.Length / (a.Channels * a.ImageSize * a.ImageSize);
        int rows = batch * a.Patches;
        double[] h = Layer(Patches(images, a, batch), rows, weights["image_encoder.0.weight"], weights["image_encoder.0.bias"]);
        if (a.Kind == EncoderKind.Linear)
        {
            return h;
        }

        Relu(h);
        for (int i = 0; i < a.Depth; i++)
        {
            h = Layer(h, rows, weights[EncoderArchitecture.ConvolutionName(i, "weight")], weights[EncoderArchitecture.ConvolutionName(i, "bias")]);
            if (a.Normalisation != EncoderNormalisation.None)
            {
                NormStatistics used = a.Normalisation == EncoderNormalisation.Frozen ? statistics![i] : Measure(h, a.Width);
                Normalise(h, used, weights[EncoderArchitecture.NormName(i, "weight")], weights[EncoderArchitecture.NormName(i, "bias")]);
            }

            Relu(h);
        }

        float[] positions = weights["pos_embedding"];
        for (int j = 0; j < h.Length; j++)
        {
            h[j] += positions[j % positions.Length];
        }

        Relu(h);
        return Layer(h, rows, weights["mixer.1.weight"], weights["mixer.1.bias"]);
    }

    /// <summary>Mean and biased variance of each column.</summary>
    internal static NormStatistics Measure(ReadOnlySpan<double> rows, int width)
    {
        int count = rows.Length / width;
        var mean = new double[width];
        var variance = new double[width];
        for (int j = 0; j < rows.Length; j++)
        {
            mean[j % width] += rows[j] / count;
        }

        for (int j = 0; j < rows.Length; j++)
        {
            double d = rows[j] - mean[j % width];
            variance[j % width] += d * d / count;
        }

        return new NormStatistics(mean, variance);
    }

    private static double[] Patches(ReadOnlySpan<double> images, EncoderArchitecture a, int batch)
    {
        int side = a.ImageSize / a.PatchSize;
        var patches = new double[images.Length];
        int next = 0;
        for (int b = 0; b < batch; b++)
        {
            for (int patch = 0; patch < side * side; patch++)
            {
                for (int c = 0; c < a.Channels; c++)
                {
                    for (int y = 0; y < a.PatchSize; y++)
                    {
                        int row = ((((b * a.Channels) + c) * a.ImageSize) + (patch / side * a.PatchSize) + y) * a.ImageSize;
                        for (int x = 0; x < a.PatchSize; x++)
                        {
                            patches[next++] = images[row + (patch % side * a.PatchSize) + x];
                        }
                    }
                }
            }
        }

        return patches;
    }

    private static double[] Layer(double[] input, int rows, float[] weight, float[] bias)
    {
        int inputs = input.Length / rows;
        var output = new double[rows * bias.Length];
        for (int r = 0; r < rows; r++)
        {
            for (int o = 0; o < bias.Length; o++)
            {
                double sum = bias[o];
                for (int i = 0; i < inputs; i++)
                {
                    sum += input[(r * inputs) + i] * weight[(o * inputs) + i];
                }

                output[(r * bias.Length) + o] = sum;
            }
        }

        return output;
    }

    private static void Normalise(double[] rows, NormStatistics statistics, float[] gamma, float[] beta)
    {
        for (int j = 0; j < rows.Length; j++)
        {
            int c = j % gamma.Length;
            rows[j] = ((rows[j] - statistics.Mean[c]) / Math.Sqrt(statistics.Variance[c] + NormStatistics.Epsilon) * gamma[c]) + beta[c];
        }
    }

    private static void Relu(double[] values)
    {
        for (int j = 0; j < values.Length; j++)
        {
            values[j] = Math.Max(values[j], 0);
        }
    }
}
