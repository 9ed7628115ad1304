using Pellicle.Mpc.Core;
using Pellicle.Mpc.Kernels;

namespace Pellicle.Mpc.Protocols.Replicated3;

/// <summary>Rounds and bytes of <see cref="Replicated3Protocol"/>, declared message by message, for all three parties at once.</summary>
public sealed class Replicated3Cost : CostModel
{
    /// <inheritdoc/>
    public override ThreatModel ThreatModel => ThreatModel.OneCuriousServer;

    /// <inheritdoc/>
    public override SharedTensor AddPublic(SharedTensor x, ulong[] values)
    {
        ArgumentNullException.ThrowIfNull(x);
        x.Settle();
        return Of(x.Count);
    }

    /// <inheritdoc/>
    public override SharedTensor Linear(LinearMap map, SharedTensor weight, SharedTensor input, SharedTensor? bias, int truncate)
    {
        ArgumentNullException.ThrowIfNull(map);
        ArgumentNullException.ThrowIfNull(input);
        input.Settle();
        return Reshare(map.OutputCount, truncate);
    }

    /// <inheritdoc/>
    public override SharedTensor MultiplySum(SharedTensor x, SharedTensor y, int count, int[]? target, int truncate)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        x.Settle();
        y.Settle();
        return Reshare(count, truncate);
    }

    /// <inheritdoc/>
    public override SharedTensor Truncate(SharedTensor x, int bits)
    {
        ArgumentNullException.ThrowIfNull(x);
        x.Settle();
        return Reshare(x.Count, bits);
    }

    /// <inheritdoc/>
    public override SharedBits IsNonNegative(SharedTensor x, int signWidth)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (signWidth > 32)
        {
            x.Settle();
        }

        Ledger.Kind = "sign";
        long words = BitPlanes.Words(x.Count);
        Ledger.Exchange((0, 1, 8 * signWidth * words));
        Ledger.Exchange((2, 0, 8 * (signWidth - 1) * words), (1, 0, 8 * (signWidth - 1) * words));
        for (int count = signWidth - 1; count > 1; count -= count / 2)
        {
            long bytes = 8 * ((2 * (count / 2)) - 1) * words;
            Ledger.Exchange((0, 2, bytes), (1, 0, bytes), (2, 1, bytes));
        }

        return new SharedBits(x.Count, []);
    }

    /// <inheritdoc/>
    public override SharedTensor SelectShare(SharedBits bits, SharedTensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        x.Settle();
        long bytes = 8L * x.Count;

        Ledger.Kind = "select";

        // P2 needs nothing from the others: both its messages leave at once.
        uint h0 = Ledger.Send(2, 0, bytes), e0 = Ledger.Send(2, 0, bytes), h1 = Ledger.Send(1, 0, bytes);
        Ledger.Exchange((0, 1, bytes));
        uint e1 = Ledger.Send(1, 0, bytes);
        Ledger.Arrive(0, h0);
        Ledger.Arrive(0, h1);
        Ledger.Exchange((0, 1, bytes));
        Ledger.Arrive(0, e0);
        Ledger.Arrive(0, e1);
        return Of(x.Count);
    }

    /// <inheritdoc/>
    public override SharedTensor BitToArithmetic(SharedBits bits)
    {
        ArgumentNullException.ThrowIfNull(bits);
        Ledger.Kind = "bit";
        long bytes = 8L * bits.Count;
        uint from2 = Ledger.Send(2, 0, bytes);
        Ledger.Exchange((0, 1, bytes));
        Ledger.Exchange((1, 0, bytes));
        Ledger.Arrive(0, from2);
        return Of(bits.Count);
    }

    private SharedTensor Reshare(int n, int truncate)
    {
        Ledger.Kind = truncate == 0 ? "reshare" : "truncate";
        long bytes = 8L * n;
        if (truncate == 0)
        {
            Ledger.Exchange((0, 2, bytes), (1, 0, bytes), (2, 1, bytes));
            return Of(n);
        }

        long lanes = (truncate > 16 ? 4L : 2L) * n;
        uint x1 = Ledger.Send(0, 1, bytes);
        Ledger.Send(0, 1, lanes);
        Ledger.Exchange((1, 2, bytes), (2, 1, bytes));
        Ledger.Arrive(1, x1);
        return new SharedTensor(n, [], Ledger.SendLate(0, (2, lanes), (1, lanes)));
    }
}
