using Pellicle.Mpc.Channels;
using Pellicle.Mpc.Core;

namespace Pellicle.Mpc.Protocols;

/// <summary>A protocol whose tensors have lengths and no values: running a program on it declares the messages of all parties, message by message.</summary>
public abstract class CostModel : ITensorProtocol
{
    /// <inheritdoc/>
    public PartyId Self => new(0);

    /// <inheritdoc/>
    public abstract ThreatModel ThreatModel { get; }

    /// <inheritdoc/>
    public Traffic Traffic => Ledger.Traffic;

    /// <summary>All messages declared so far.</summary>
    public IReadOnlyList<DeclaredMessage> Messages => Ledger.Messages;

    /// <summary>Takes the declarations.</summary>
    private protected MessageLedger Ledger { get; } = new();

    /// <inheritdoc/>
    public virtual SharedTensor Constant(ulong[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return Of(values.Length);
    }

    /// <inheritdoc/>
    public abstract SharedTensor AddPublic(SharedTensor x, ulong[] values);

    /// <inheritdoc/>
    public abstract SharedTensor Linear(LinearMap map, SharedTensor weight, SharedTensor input, SharedTensor? bias, int truncate);

    /// <inheritdoc/>
    public abstract SharedTensor MultiplySum(SharedTensor x, SharedTensor y, int count, int[]? target, int truncate);

    /// <inheritdoc/>
    public abstract SharedTensor Truncate(SharedTensor x, int bits);

    /// <inheritdoc/>
    public abstract SharedBits IsNonNegative(SharedTensor x, int signWidth);

    /// <inheritdoc/>
    public abstract SharedTensor SelectShare(SharedBits bits, SharedTensor x);

    /// <inheritdoc/>
    public abstract SharedTensor BitToArithmetic(SharedBits bits);

    /// <summary>A tensor of a length, without values.</summary>
    /// <param name="n">Elements.</param>
    private protected static SharedTensor Of(int n) => new(n, []);
}
