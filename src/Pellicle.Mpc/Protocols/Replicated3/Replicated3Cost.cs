using Pellicle.Mpc.Channels;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Kernels;

namespace Pellicle.Mpc.Protocols.Replicated3;

/// <summary>Rounds and bytes of <see cref="Replicated3Protocol"/>, declared message by message, for all three parties at once.</summary>
public sealed class Replicated3Cost : ICostModel
{
    private readonly MessageLedger _ledger = new();

    /// <inheritdoc/>
    public PartyId Self => new(0);

    /// <inheritdoc/>
    public ThreatModel ThreatModel => ThreatModel.OneCuriousServer;

    /// <inheritdoc/>
    public Traffic Traffic => _ledger.Traffic;

    /// <inheritdoc/>
    public IReadOnlyList<DeclaredMessage> Messages => _ledger.Messages;

    /// <inheritdoc/>
    public SharedTensor Constant(ulong[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return Of(values.Length);
    }

    /// <inheritdoc/>
    public SharedTensor AddPublic(SharedTensor x, ulong[] values)
    {
        ArgumentNullException.ThrowIfNull(x);
        x.Settle();
        return Of(x.Count);
    }

    /// <inheritdoc/>
    public SharedTensor Linear(LinearMap map, SharedTensor weight, SharedTensor input, SharedTensor? bias, int truncate)
    {
        ArgumentNullException.ThrowIfNull(map);
        ArgumentNullException.ThrowIfNull(input);
        input.Settle();
        return Reshare(map.OutputCount, truncate);
    }

    /// <inheritdoc/>
    public SharedTensor MultiplySum(SharedTensor x, SharedTensor y, int count, int[]? target, int truncate)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        x.Settle();
        y.Settle();
        return Reshare(count, truncate);
    }

    /// <inheritdoc/>
    public SharedTensor Truncate(SharedTensor x, int bits)
    {
        ArgumentNullException.ThrowIfNull(x);
        x.Settle();
        return Reshare(x.Count, bits);
    }

    /// <inheritdoc/>
    public SharedBits IsNonNegative(SharedTensor x, int signWidth)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (signWidth > 32)
        {
            x.Settle();
        }

        _ledger.Kind = "sign";
        long words = BitPlanes.Words(x.Count);
        _ledger.Exchange((0, 1, 8 * signWidth * words));
        _ledger.Exchange((2, 0, 8 * (signWidth - 1) * words), (1, 0, 8 * (signWidth - 1) * words));
        for (int count = signWidth - 1; count > 1; count -= count / 2)
        {
            long bytes = 8 * ((2 * (count / 2)) - 1) * words;
            _ledger.Exchange((0, 2, bytes), (1, 0, bytes), (2, 1, bytes));
        }

        return new SharedBits(x.Count, []);
    }

    /// <inheritdoc/>
    public SharedTensor SelectShare(SharedBits bits, SharedTensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        x.Settle();
        long bytes = 8L * x.Count;

        _ledger.Kind = "select";

        // P2 needs nothing from the others: both its messages leave at once.
        uint h0 = _ledger.Send(2, 0, bytes), e0 = _ledger.Send(2, 0, bytes), h1 = _ledger.Send(1, 0, bytes);
        _ledger.Exchange((0, 1, bytes));
        uint e1 = _ledger.Send(1, 0, bytes);
        _ledger.Arrive(0, h0);
        _ledger.Arrive(0, h1);
        _ledger.Exchange((0, 1, bytes));
        _ledger.Arrive(0, e0);
        _ledger.Arrive(0, e1);
        return Of(x.Count);
    }

    /// <inheritdoc/>
    public SharedTensor BitToArithmetic(SharedBits bits)
    {
        ArgumentNullException.ThrowIfNull(bits);
        _ledger.Kind = "bit";
        long bytes = 8L * bits.Count;
        uint from2 = _ledger.Send(2, 0, bytes);
        _ledger.Exchange((0, 1, bytes));
        _ledger.Exchange((1, 0, bytes));
        _ledger.Arrive(0, from2);
        return Of(bits.Count);
    }

    private SharedTensor Reshare(int n, int truncate)
    {
        _ledger.Kind = truncate == 0 ? "reshare" : "truncate";
        long bytes = 8L * n;
        if (truncate == 0)
        {
            _ledger.Exchange((0, 2, bytes), (1, 0, bytes), (2, 1, bytes));
            return Of(n);
        }

        long lanes = (truncate > 16 ? 4L : 2L) * n;
        uint x1 = _ledger.Send(0, 1, bytes);
        _ledger.Send(0, 1, lanes);
        _ledger.Exchange((1, 2, bytes), (2, 1, bytes));
        _ledger.Arrive(1, x1);
        return new SharedTensor(n, [], _ledger.SendLate(0, (2, lanes), (1, lanes)));
    }

    private static SharedTensor Of(int n) => new(n, []);
}
