using Pellicle.Mpc.Core;
using Pellicle.Mpc.Protocols;

namespace Pellicle.Mpc.Operators;

/// <summary>Maxima and their places by balanced trees, exact: max(a, b) = b + [a - b >= 0] · (a - b).</summary>
public static class Maximum
{
    /// <summary>The largest of several candidates, elementwise.</summary>
    /// <param name="protocol">This party's protocol.</param>
    /// <param name="candidates">At least one, all of n elements; differences within the sign width.</param>
    /// <param name="signWidth">l.</param>
    public static SharedTensor Of(ITensorProtocol protocol, IReadOnlyList<SharedTensor> candidates, int signWidth)
    {
        ArgumentNullException.ThrowIfNull(candidates);
        return Tree(protocol, candidates, null, signWidth).Values;
    }

    /// <summary>The place of the largest of several candidates, elementwise; of equal ones the last of each comparison.</summary>
    /// <param name="protocol">This party's protocol.</param>
    /// <param name="candidates">At least one, all of n elements; differences within the sign width.</param>
    /// <param name="signWidth">l.</param>
    /// <returns>n integers 0, 1, …</returns>
    public static SharedTensor IndexOf(ITensorProtocol protocol, IReadOnlyList<SharedTensor> candidates, int signWidth)
    {
        ArgumentNullException.ThrowIfNull(protocol);
        ArgumentNullException.ThrowIfNull(candidates);
        SharedTensor[] places = [.. candidates.Select((c, i) => protocol.Constant([.. Enumerable.Repeat((ulong)i, c.Count)]))];
        return Tree(protocol, candidates, places, signWidth).Places!;
    }

    /// <summary>Max pooling over windows given by index maps.</summary>
    /// <param name="protocol">This party's protocol.</param>
    /// <param name="x">The input; differences within the sign width.</param>
    /// <param name="windows">One index map for each element of a window; no padding in them.</param>
    /// <param name="signWidth">l.</param>
    public static SharedTensor Pool(ITensorProtocol protocol, SharedTensor x, IReadOnlyList<int[]> windows, int signWidth)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Of(protocol, [.. windows.Select(x.Gather)], signWidth);
    }

    private static (SharedTensor Values, SharedTensor? Places) Tree(ITensorProtocol protocol, IReadOnlyList<SharedTensor> values, SharedTensor[]? places, int signWidth)
    {
        while (values.Count > 1)
        {
            int pairs = values.Count / 2, n = values[0].Count;
            SharedTensor second = SharedTensor.Concatenate([.. Enumerable.Range(0, pairs).Select(i => values[(2 * i) + 1])]);
            SharedTensor difference = SharedTensor.Concatenate([.. Enumerable.Range(0, pairs).Select(i => values[2 * i])]).Subtract(second);
            SharedBits bits = protocol.IsNonNegative(difference, signWidth);
            SharedTensor larger = second.Add(protocol.SelectShare(bits, difference));
            values = [.. Enumerable.Range(0, pairs).Select(i => larger.Slice(i * n, n)), .. values.Skip(2 * pairs)];
            if (places is not null)
            {
                SharedTensor other = SharedTensor.Concatenate([.. Enumerable.Range(0, pairs).Select(i => places[(2 * i) + 1])]);
                SharedTensor step = SharedTensor.Concatenate([.. Enumerable.Range(0, pairs).Select(i => places[2 * i])]).Subtract(other);
                SharedTensor chosen = other.Add(protocol.SelectShare(bits, step));
                places = [.. Enumerable.Range(0, pairs).Select(i => chosen.Slice(i * n, n)), .. places.Skip(2 * pairs)];
            }
        }

        return (values[0], places?[0]);
    }
}
