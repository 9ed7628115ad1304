using Pellicle.Mpc.Core;
using Pellicle.Mpc.Operators;
using Pellicle.Mpc.Protocols;

namespace Pellicle.Mpc.Compiler.Layers;

/// <summary>Maxima or means over windows, or over the whole picture.</summary>
/// <remarks>A maximum does not see the padding. A mean divides by the elements inside the picture, or by the size of the window if the padding counts as zeros.</remarks>
/// <param name="Name">Name for messages and the plan.</param>
/// <param name="Input">Layer whose result goes in.</param>
/// <param name="IsMaximum">True for maxima, false for means.</param>
/// <param name="Map">Shape.</param>
/// <param name="CountsPadding">True if a mean counts the padding as zeros.</param>
public sealed record PoolLayer(string Name, int Input, bool IsMaximum, PoolMap Map, bool CountsPadding = false) : NetworkLayer(Name, [Input])
{
    /// <inheritdoc/>
    public override string OperatorName => IsMaximum ? "MaxPool" : "AveragePool";

    /// <inheritdoc/>
    public override int OutputCount => Map.OutputCount;

    /// <inheritdoc/>
    public override int InputCount => Map.InputCount;

    /// <inheritdoc/>
    public override NetworkLayer ForImages(int images) => this with { Map = Map with { Batch = checked(Map.Batch * images) } };

    /// <inheritdoc/>
    public override double[] Compute(IReadOnlyList<double[]> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        int[][] places = Map.Places();
        double[] factors = Factors(places);
        var result = new double[OutputCount];
        for (int i = 0; i < result.Length; i++)
        {
            double maximum = double.NegativeInfinity, sum = 0;
            foreach (int[] tap in places)
            {
                if (tap[i] >= 0)
                {
                    maximum = Math.Max(maximum, inputs[0][tap[i]]);
                    sum += inputs[0][tap[i]];
                }
            }

            result[i] = IsMaximum ? maximum : sum * factors[i];
        }

        return result;
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
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(range);
        int[][] places = Map.Places();
        if (IsMaximum)
        {
            return Maximum.Pool(protocol, inputs[0], WithoutPadding(places), range.SignWidth);
        }

        SharedTensor sum = inputs[0].Gather(places[0]);
        foreach (int[] tap in places.Skip(1))
        {
            sum = sum.Add(inputs[0].Gather(tap));
        }

        SharedTensor scaled = HasEqualWindows(places) ? sum.Scale(point.Encode(1.0 / places.Length)) : sum.Scale(Array.ConvertAll(Factors(places), point.Encode));
        return protocol.Truncate(scaled, point.FractionalBits);
    }

    private bool HasEqualWindows(int[][] places) => CountsPadding || Array.TrueForAll(places, tap => !tap.AsSpan().Contains(-1));

    // 1 over the number of elements that a mean counts.
    private double[] Factors(int[][] places) =>
        [.. Enumerable.Range(0, OutputCount).Select(i => 1.0 / (CountsPadding ? places.Length : Math.Max(1, places.Count(tap => tap[i] >= 0))))];

    // A maximum does not change when an element counts twice: padding becomes another element of the same window.
    private static int[][] WithoutPadding(int[][] places)
    {
        if (Array.TrueForAll(places, tap => !tap.AsSpan().Contains(-1)))
        {
            return places;
        }

        int[] inside = [.. Enumerable.Range(0, places[0].Length).Select(i => places.First(tap => tap[i] >= 0)[i])];
        return [.. places.Select(tap => tap.Select((place, i) => place >= 0 ? place : inside[i]).ToArray())];
    }
}
