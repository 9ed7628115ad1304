using Pellicle.Formats.Onnx;
using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>What a channel holds, without where: [N, C, H, W] → [N, 3C], its mean, its standard deviation, and the mean of the central half. No parameters; images do not mix.</summary>
public sealed class ChannelStatistics : Layer
{
    // The root of a channel that is constant stays differentiable, and far below any deviation that matters.
    private const double SmallestVariance = 1e-6;

    /// <inheritdoc/>
    public override Tensor Reference(Tensor input, ReferencePass pass)
    {
        ArgumentNullException.ThrowIfNull(input);
        Tensor mean = input.Mean([2, 3], true);
        Tensor variance = (input - mean).Square().Mean([2, 3]);
        (long top, long height) = Central(input.Size(2));
        (long left, long width) = Central(input.Size(3));
        Tensor centre = input.Narrow(2, top, height).Narrow(3, left, width).Mean([2, 3]);
        return Tensor.Concatenate(1, mean.Reshape(input.Size(0), -1), (variance + SmallestVariance).Sqrt(), centre);
    }

    /// <inheritdoc/>
    public override OnnxSymbol Export(OnnxGraphBuilder graph, OnnxSymbol input)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(input);
        long channels = input.Shape[0];
        OnnxSymbol mean = graph.Add(Path, "GlobalAveragePool", [input.Name], [channels, 1, 1]);
        OnnxSymbol centred = graph.Add(Path, "Sub", [input.Name, mean.Name], input.Shape);
        OnnxSymbol squares = graph.Add(Path, "Mul", [centred.Name, centred.Name], input.Shape);
        OnnxSymbol variance = graph.Add(Path, "GlobalAveragePool", [squares.Name], [channels, 1, 1]);
        OnnxSymbol positive = graph.Add(Path, "Add", [variance.Name, graph.Scalar(SmallestVariance)], variance.Shape);
        OnnxSymbol deviation = graph.Add(Path, "Sqrt", [positive.Name], variance.Shape);
        (long top, long height) = Central(input.Shape[1]);
        (long left, long width) = Central(input.Shape[2]);
        OnnxSymbol central = graph.Add(
            Path,
            "Slice",
            [input.Name, graph.Integers(top, left), graph.Integers(top + height, left + width), graph.Integers(2, 3)],
            [channels, height, width]);
        OnnxSymbol centre = graph.Add(Path, "GlobalAveragePool", [central.Name], [channels, 1, 1]);
        OnnxSymbol all = graph.Add(Path, "Concat", [mean.Name, deviation.Name, centre.Name], [3 * channels, 1, 1], ("axis", 1L));
        return graph.Add(Path, "Flatten", [all.Name], [3 * channels], ("axis", 1L));
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input, ForwardContext context)
    {
        ArgumentNullException.ThrowIfNull(input);
        long n = input.Size(0);
        long c = input.Size(1);
        Tensor flat = input.Reshape(n, c, -1);
        Tensor mean = flat.Mean(2, true);
        Tensor deviation = ((flat - mean).Square().Mean(2) + SmallestVariance).Sqrt();
        (long top, long height) = Central(input.Size(2));
        (long left, long width) = Central(input.Size(3));
        Tensor centre = input.Narrow(2, top, height).Narrow(3, left, width).Mean([2, 3]);
        return Tensor.Concatenate(1, mean.Reshape(n, c), deviation, centre);
    }

    private static (long First, long Length) Central(long size) => (size / 4, size - (2 * (size / 4)));
}
