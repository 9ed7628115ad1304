using Pellicle.Mpc.Core;
using Pellicle.Mpc.Protocols;

namespace Pellicle.Mpc.Operators;

/// <summary>Subtract the mean and divide by the deviation, over public groups of elements: LayerNorm, GroupNorm and InstanceNorm without scale and shift.</summary>
/// <remarks>Group sum S of squared deviations, brought to a public range by a truncation of f + shift bits; y = 1/sqrt(S / 2^shift); the result is
/// deviation · y · sqrt(size / 2^shift), the last factor public.</remarks>
/// <param name="Size">Elements of a group.</param>
/// <param name="Groups">Number of groups.</param>
/// <param name="GroupOf">Group of each element.</param>
/// <param name="Epsilon">Added to the variance.</param>
/// <param name="LeastVariance">Least variance, epsilon included, with margin.</param>
/// <param name="LargestVariance">Largest variance with margin.</param>
public sealed record Normalization(int Size, int Groups, int[] GroupOf, double Epsilon, double LeastVariance, double LargestVariance)
{
    /// <summary>Range of the sum of squares, largest to least, that can be handled: 2^14.</summary>
    public const double LargestRatio = 1 << 14;

    /// <summary>Largest sum of squares of a group, with margin: 2^22.</summary>
    public const double LargestSum = 1 << 22;

    // The sum of squares is brought to at most 2^6, where 1/sqrt has its 16 bits; to more, up to 2^11, where the least would otherwise come below 2^-4.
    private int RangeBits => Math.Clamp((int)Math.Ceiling(Math.Log2(LargestVariance / LeastVariance)) - 3, 6, 11);

    private int Shift => (int)Math.Ceiling(Math.Log2(LargestVariance * Size)) - RangeBits;

    /// <summary>Evaluates on shares.</summary>
    /// <param name="protocol">This party's protocol.</param>
    /// <param name="x">One element each entry of <see cref="GroupOf"/>.</param>
    /// <param name="point">Scale.</param>
    /// <param name="signWidth">l.</param>
    public SharedTensor Evaluate(ITensorProtocol protocol, SharedTensor x, FixedPoint point, int signWidth)
    {
        ArgumentNullException.ThrowIfNull(protocol);
        ArgumentNullException.ThrowIfNull(x);
        int f = point.FractionalBits, shift = Shift;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(LargestVariance * Size, LargestSum);
        SharedTensor mean = protocol.Truncate(x.Sum(Groups, GroupOf).Scale(new FixedPoint(f).Encode(1.0 / Size)), f);
        SharedTensor deviation = x.Subtract(mean.Gather(GroupOf));
        SharedTensor squares = shift + f >= 0
            ? protocol.MultiplySum(deviation, deviation, Groups, GroupOf, shift + f)
            : protocol.MultiplySum(deviation, deviation, Groups, GroupOf, 0).Scale(1UL << -(shift + f));
        ulong epsilon = point.Encode(Math.ScaleB(Epsilon * Size, -shift));
        squares = protocol.AddPublic(squares, [.. Enumerable.Repeat(epsilon, Groups)]);
        double high = Math.ScaleB(LargestVariance * Size, -shift), low = Math.Max(1.0 / 16, Math.ScaleB(LeastVariance * Size, -shift));
        SharedTensor inverse = PositiveInverse.SquareRoot(low, high).Evaluate(protocol, squares, point, Math.Max(signWidth, f + RangeBits + 3));
        ulong factor = point.Encode(Math.Sqrt(Math.ScaleB(Size, -shift)));
        inverse = protocol.Truncate(inverse.Scale(factor), f);
        return protocol.MultiplySum(deviation, inverse.Gather(GroupOf), x.Count, null, f);
    }
}
