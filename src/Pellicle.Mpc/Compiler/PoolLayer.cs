using Pellicle.Mpc.Core;
using Pellicle.Mpc.Operators;
using Pellicle.Mpc.Protocols;

namespace Pellicle.Mpc.Compiler;

/// <summary>Maxima or means over windows without padding, or over the whole image.</summary>
/// <param name="Name">Name for messages and the plan.</param>
/// <param name="Input">Layer whose result goes in.</param>
/// <param name="IsMaximum">True for maxima, false for means.</param>
/// <param name="Count">Elements that go in.</param>
/// <param name="Windows">One index map for each element of a window, all of the same length.</param>
public sealed record PoolLayer(string Name, int Input, bool IsMaximum, int Count, IReadOnlyList<int[]> Windows) : NetworkLayer(Name, [Input])
{
    /// <inheritdoc/>
    public override string OperatorName => IsMaximum ? "MaxPool" : "AveragePool";

    /// <inheritdoc/>
    public override int OutputCount => Windows[0].Length;

    /// <inheritdoc/>
    public override int InputCount => Count;

    /// <summary>Windows of a picture without padding.</summary>
    /// <param name="channels">C.</param>
    /// <param name="height">H.</param>
    /// <param name="width">W.</param>
    /// <param name="side">Side of the window.</param>
    /// <param name="stride">Step.</param>
    public static IReadOnlyList<int[]> Square(int channels, int height, int width, int side, int stride)
    {
        int rows = ((height - side) / stride) + 1, columns = ((width - side) / stride) + 1;
        return [.. Enumerable.Range(0, side * side).Select(tap => Enumerable.Range(0, channels * rows * columns).Select(i =>
        {
            int c = i / (rows * columns), row = i / columns % rows, column = i % columns;
            return (((c * height) + (row * stride) + (tap / side)) * width) + (column * stride) + (tap % side);
        }).ToArray())];
    }

    /// <inheritdoc/>
    public override double[] Compute(IReadOnlyList<double[]> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return [.. Enumerable.Range(0, OutputCount).Select(i => IsMaximum ? Windows.Max(w => inputs[0][w[i]]) : Windows.Average(w => inputs[0][w[i]]))];
    }

    /// <inheritdoc/>
    public override double SignRange(IReadOnlyList<double[]> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return IsMaximum ? 2 * inputs[0].Max(Math.Abs) : 0; // of a difference of two elements
    }

    /// <inheritdoc/>
    public override SharedTensor Run(ITensorProtocol protocol, IReadOnlyList<SharedTensor> inputs, IReadOnlyList<SharedTensor> secrets, FixedPoint point, LayerRange range)
    {
        ArgumentNullException.ThrowIfNull(protocol);
        ArgumentNullException.ThrowIfNull(range);
        if (IsMaximum)
        {
            return Maximum.Pool(protocol, inputs[0], Windows, range.SignWidth);
        }

        SharedTensor sum = inputs[0].Gather(Windows[0]);
        foreach (int[] window in Windows.Skip(1))
        {
            sum = sum.Add(inputs[0].Gather(window));
        }

        return protocol.Truncate(sum.Scale(point.Encode(1.0 / Windows.Count)), point.FractionalBits);
    }
}
