using Pellicle.Mpc.Core;
using Pellicle.Mpc.Protocols;

namespace Pellicle.Mpc.Operators;

/// <summary>Softmax over rows on shares: row maximum by a tree, exponentials, row sum, reciprocal, product.</summary>
public static class Softmax
{
    /// <summary>Evaluates.</summary>
    /// <param name="protocol">This party's protocol.</param>
    /// <param name="x">[length, rows], the axis of the softmax outermost.</param>
    /// <param name="length">Entries of a row, 2 to 4,096.</param>
    /// <param name="point">Scale.</param>
    /// <param name="signWidth">l; differences within a row must fit.</param>
    public static SharedTensor Evaluate(ITensorProtocol protocol, SharedTensor x, int length, FixedPoint point, int signWidth)
    {
        ArgumentNullException.ThrowIfNull(protocol);
        ArgumentNullException.ThrowIfNull(x);
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, 4096);
        int rows = x.Count / length;
        SharedTensor maximum = Maximum.Of(protocol, [.. Enumerable.Range(0, length).Select(i => x.Slice(i * rows, rows))], signWidth);
        int[] row = [.. Enumerable.Range(0, x.Count).Select(i => i % rows)];
        SharedTensor exponentials = Activation.Exp.Evaluate(protocol, x.Subtract(maximum.Gather(row)), point, signWidth);
        SharedTensor sum = exponentials.Sum(rows, row);

        // The largest entry contributes 1: the sum lies between 1 (less its error) and the length.
        SharedTensor inverse = PositiveInverse.Reciprocal(0.5, length * 1.01).Evaluate(protocol, sum, point, Math.Max(signWidth, point.FractionalBits + 15));
        return protocol.MultiplySum(exponentials, inverse.Gather(row), x.Count, null, point.FractionalBits);
    }
}
