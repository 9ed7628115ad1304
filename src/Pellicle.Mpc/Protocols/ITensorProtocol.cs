using Pellicle.Mpc.Channels;
using Pellicle.Mpc.Core;

namespace Pellicle.Mpc.Protocols;

/// <summary>What a party can do with shared values. Every party runs the same calls in the same order.</summary>
/// <remarks>Operators and the compiler know only this interface. The same interface is implemented once more by each protocol's cost model, whose tensors
/// have lengths and no values: running a program on it gives rounds and bytes before anything runs, and tests compare them with the counters.
/// Values are two's complement; a product must stay below 2^62 in size before it is truncated.</remarks>
public interface ITensorProtocol
{
    /// <summary>The party that runs this object.</summary>
    PartyId Self { get; }

    /// <summary>Against whom the protocol protects.</summary>
    ThreatModel ThreatModel { get; }

    /// <summary>What this party sent so far; for a cost model, what all parties will have sent.</summary>
    Traffic Traffic { get; }

    /// <summary>A shared tensor of public values. Local.</summary>
    /// <param name="values">Known to all.</param>
    SharedTensor Constant(ulong[] values);

    /// <summary>x + c, elementwise. Local.</summary>
    /// <param name="x">n elements.</param>
    /// <param name="values">n public elements.</param>
    SharedTensor AddPublic(SharedTensor x, ulong[] values);

    /// <summary>A linear layer with bias, truncated: (W · x + b) / 2^truncate.</summary>
    /// <param name="map">Shape.</param>
    /// <param name="weight">W, [Groups, Rows, Depth].</param>
    /// <param name="input">x.</param>
    /// <param name="bias">b at the scale of the product, [Groups, Rows]; or null.</param>
    /// <param name="truncate">Bits to drop, 0 to 32.</param>
    SharedTensor Linear(LinearMap map, SharedTensor weight, SharedTensor input, SharedTensor? bias, int truncate);

    /// <summary>Products added up in public groups, truncated: result[target[i]] = sum of x[i] · y[i] / 2^truncate.</summary>
    /// <param name="x">n elements.</param>
    /// <param name="y">n elements.</param>
    /// <param name="count">Elements of the result.</param>
    /// <param name="target">Position of each product; null for elementwise products, <paramref name="count"/> = n.</param>
    /// <param name="truncate">Bits to drop, 0 to 32.</param>
    SharedTensor MultiplySum(SharedTensor x, SharedTensor y, int count, int[]? target, int truncate);

    /// <summary>x / 2^bits, within one unit of the floor.</summary>
    /// <param name="x">Elements below 2^62 in size.</param>
    /// <param name="bits">1 to 32.</param>
    SharedTensor Truncate(SharedTensor x, int bits);

    /// <summary>[x >= 0] for each element (DReLU).</summary>
    /// <param name="x">Elements of size below 2^(signWidth - 1).</param>
    /// <param name="signWidth">l, 2 to 64.</param>
    SharedBits IsNonNegative(SharedTensor x, int signWidth);

    /// <summary>bit · x, elementwise.</summary>
    /// <param name="bits">n bits.</param>
    /// <param name="x">n elements.</param>
    SharedTensor SelectShare(SharedBits bits, SharedTensor x);

    /// <summary>Each bit as a ring element 0 or 1.</summary>
    /// <param name="bits">n bits.</param>
    SharedTensor BitToArithmetic(SharedBits bits);

    /// <summary>Says which tensors are still read: the memory of all others may be used again.</summary>
    /// <param name="live">Every tensor of this protocol that anybody will read.</param>
    void Recycle(IEnumerable<SharedTensor> live)
    {
    }
}
