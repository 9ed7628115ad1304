using Pellicle.Core.Errors;
using Pellicle.Mpc.Compiler.Layers;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Operators;
using Pellicle.Mpc.Protocols;

namespace Pellicle.Mpc.Compiler;

/// <summary>Finds, on calibration images, how large values become, and chooses the narrowest sign for each layer; refuses what could leave its range.</summary>
/// <remarks>At run time values are secret and cannot be checked, so a factor is kept free: <see cref="Margin"/> times the largest value seen must fit.</remarks>
public static class Calibration
{
    /// <summary>Free factor above the largest value seen.</summary>
    public const double Margin = 4;

    private static readonly int[] SignWidths = [17, 20, 24, 32, 40, 48, WidestSign];
    private const int WidestSign = 62;

    /// <summary>Calibrates.</summary>
    /// <param name="network">The network.</param>
    /// <param name="images">At least one, each normalised as the client will.</param>
    /// <param name="point">Scale of values.</param>
    /// <param name="protocol">What will run: <c>replicated3</c> takes narrower signs than the others.</param>
    /// <returns>One range a layer.</returns>
    /// <exception cref="DataFormatException">Values of a layer do not fit; all such layers are listed.</exception>
    public static IReadOnlyList<LayerRange> Run(Network network, IReadOnlyList<float[]> images, FixedPoint point, MpcProtocol protocol = MpcProtocol.Replicated3)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(images);
        ArgumentOutOfRangeException.ThrowIfZero(images.Count, nameof(images));
        int n = network.Layers.Count;
        double[] sign = new double[n], largest = new double[n], least = [.. Enumerable.Repeat(double.PositiveInfinity, n)], most = new double[n];
        foreach (float[] image in images)
        {
            double[][] values = network.Compute(image);
            double[] input = Array.ConvertAll(image, v => (double)v);
            for (int i = 0; i < n; i++)
            {
                NetworkLayer layer = network.Layers[i];
                double[][] inputs = [.. layer.Inputs.Select(source => source < 0 ? input : values[source])];
                sign[i] = Math.Max(sign[i], layer.SignRange(inputs));
                largest[i] = Math.Max(largest[i], values[i].Max(Math.Abs));
                if (layer is NormalizationLayer normalization)
                {
                    (double low, double high) = normalization.Variances(inputs[0]);
                    (least[i], most[i]) = (Math.Min(least[i], low), Math.Max(most[i], high));
                }
            }
        }

        // The late term of a truncation of replicated3 starts at bit 64 - f: a sign must end below it.
        int widest = protocol == MpcProtocol.Replicated3 ? 64 - point.FractionalBits : WidestSign;
        var problems = new List<Problem>();
        LayerRange[] ranges = [.. network.Layers.Select((layer, i) => Choose(layer, sign[i], largest[i], least[i], most[i], point, widest, problems))];
        return problems.Count == 0 ? ranges : throw new DataFormatException($"{problems.Count} layers could leave their range; the first: {problems[0].Message}", problems[0].Hint, problems);
    }

    private static LayerRange Choose(NetworkLayer layer, double sign, double largest, double least, double most, FixedPoint point, int widest, List<Problem> problems)
    {
        int f = point.FractionalBits;
        const string Hint = "Scale the weights of the layers before it, or use fewer fractional bits.";

        // A product carries 2f fractional bits before it is truncated, and must stay below 2^62.
        double limit = Math.ScaleB(1, 62 - (2 * f));
        if (!(largest * Margin < limit))
        {
            problems.Add(new Problem(layer.Name, $"values of layer '{layer.Name}' ({layer.OperatorName}) reach {largest:G4}; expected less than {limit / Margin:G4} with {f} fractional bits and a margin of {Margin}.", Hint));
        }

        if (layer is NormalizationLayer normalization)
        {
            (least, most) = (least / Margin, most * Margin);
            double sum = most * normalization.Map.GroupSize;
            if (!(sum <= Normalization.LargestSum))
            {
                problems.Add(new Problem(layer.Name, $"sums of squares of layer '{layer.Name}' reach {sum:G4} with margin; expected at most {Normalization.LargestSum}.", Hint));
            }

            if (!(most / least <= Normalization.LargestRatio))
            {
                problems.Add(new Problem(layer.Name, $"variances of layer '{layer.Name}' span a factor of {most / least:G4} with margin; expected at most {Normalization.LargestRatio}.", "Calibrate on images like those to be predicted."));
            }

            return new LayerRange(0, least, most);
        }

        if (sign == 0)
        {
            return new LayerRange(0);
        }

        int width = Array.Find(SignWidths, l => l <= widest && sign * Margin < Math.ScaleB(1, l - 1 - f));
        if (width == 0)
        {
            problems.Add(new Problem(layer.Name, $"layer '{layer.Name}' ({layer.OperatorName}) takes signs of values up to {sign:G4}; expected less than {Math.ScaleB(1, SignWidths.Last(l => l <= widest) - 1 - f) / Margin:G4} with {f} fractional bits and a margin of {Margin}.", Hint));
        }

        return new LayerRange(width);
    }
}
