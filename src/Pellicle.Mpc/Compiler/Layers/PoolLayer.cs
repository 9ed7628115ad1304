using System.Collections.Concurrent;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Operators;
using Pellicle.Mpc.Protocols;

namespace Pellicle.Mpc.Compiler.Layers;

/// <summary>Maxima, means or sums over windows, or over the whole picture.</summary>
/// <remarks>A maximum does not see the padding. A mean divides by the elements inside the picture, or by the size of the window if the padding counts as zeros.</remarks>
/// <param name="Name">Name for messages and the plan.</param>
/// <param name="Input">Layer whose result goes in.</param>
/// <param name="IsMaximum">True for maxima, false for means.</param>
/// <param name="Map">Shape.</param>
/// <param name="CountsPadding">True if a mean counts the padding as zeros.</param>
/// <param name="IsSum">True for sums in place of means: the layer behind divides, see <see cref="PoolFolding"/>.</param>
public sealed record PoolLayer(string Name, int Input, bool IsMaximum, PoolMap Map, bool CountsPadding = false, bool IsSum = false) : NetworkLayer(Name, [Input])
{
    private static readonly ConcurrentDictionary<PoolMap, int[][]> KnownPlaces = [], KnownWindows = [];

    /// <inheritdoc/>
    public override string OperatorName => IsMaximum ? "MaxPool" : IsSum ? "SumPool" : "AveragePool";

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

            result[i] = IsMaximum ? maximum : IsSum ? sum : sum * factors[i];
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
        if (IsMaximum)
        {
            return MaximumOf(protocol, inputs[0], range.SignWidth);
        }

        int[][] places = KnownPlaces.GetOrAdd(Map, static shape => shape.Places());
        SharedTensor sum = inputs[0].Map(OutputCount, (a, r) =>
        {
            Array.Clear(r);
            foreach (int[] tap in places)
            {
                for (int i = 0; i < r.Length; i++)
                {
                    r[i] += tap[i] < 0 ? 0 : a[tap[i]];
                }
            }
        });

        if (IsSum)
        {
            return sum;
        }

        SharedTensor scaled = HasEqualWindows(places) ? sum.Scale(point.Encode(1.0 / places.Length)) : sum.Scale(Array.ConvertAll(Factors(places), point.Encode));
        return protocol.Truncate(scaled, point.FractionalBits);
    }

    /// <summary>True for means over windows of one size, at most the given one.</summary>
    /// <param name="largestWindow">Elements.</param>
    internal bool MayBecomeSum(int largestWindow) => !IsMaximum && !IsSum && Map.WindowSize <= largestWindow && HasEqualWindows(Map.Places());

    // Maxima across and then down where that takes fewer comparisons and no more rounds: 6 in place of 8 for 3 x 3 with step 2.
    private SharedTensor MaximumOf(ITensorProtocol protocol, SharedTensor x, int signWidth)
    {
        PoolMap across = Map with
        {
            Kernel = new(1, Map.Kernel.Columns),
            Stride = new(1, Map.Stride.Columns),
            Dilation = new(1, Map.Dilation.Columns),
            Before = new(0, Map.Before.Columns),
            Output = new(Map.Height, Map.Output.Columns),
        };
        PoolMap down = Map with
        {
            Width = Map.Output.Columns,
            Kernel = new(Map.Kernel.Rows, 1),
            Stride = new(Map.Stride.Rows, 1),
            Dilation = new(Map.Dilation.Rows, 1),
            Before = new(Map.Before.Rows, 0),
        };
        long apart = ((long)across.OutputCount * (Map.Kernel.Columns - 1)) + ((long)down.OutputCount * (Map.Kernel.Rows - 1));
        bool isCheaper = apart < (long)Map.OutputCount * (Map.WindowSize - 1) && Levels(Map.Kernel.Columns) + Levels(Map.Kernel.Rows) <= Levels(Map.WindowSize);
        return isCheaper
            ? Maximum.Pool(protocol, Maximum.Pool(protocol, x, Windows(across), signWidth), Windows(down), signWidth)
            : Maximum.Pool(protocol, x, Windows(Map), signWidth);
    }

    // Public and the same in every prediction: made once for each equal shape.
    private static int[][] Windows(PoolMap map) => KnownWindows.GetOrAdd(map, static shape => WithoutPadding(shape.Places()));

    private static int Levels(int candidates) => (int)Math.Ceiling(Math.Log2(candidates));

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
