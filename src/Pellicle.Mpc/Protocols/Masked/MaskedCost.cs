using Pellicle.Mpc.Core;
using Pellicle.Mpc.Kernels;

namespace Pellicle.Mpc.Protocols.Masked;

/// <summary>Rounds and bytes of <see cref="MaskedProtocol"/>, declared message by message, for all three parties at once. What P2 sends is prepared ahead; it waits for nothing and adds no round.</summary>
public sealed class MaskedCost : CostModel
{
    /// <inheritdoc/>
    public override ThreatModel ThreatModel => ThreatModel.OneCuriousServerOfTwoAndPreparer;

    /// <inheritdoc/>
    public override SharedTensor Constant(ulong[] values)
    {
        SharedTensor constant = base.Constant(values);
        constant.Form = Exact;
        return constant;
    }

    /// <inheritdoc/>
    public override SharedTensor AddPublic(SharedTensor x, ulong[] values)
    {
        ArgumentNullException.ThrowIfNull(x);
        return new SharedTensor(x.Count, []) { Form = x.Form };
    }

    /// <inheritdoc/>
    public override SharedTensor Linear(LinearMap map, SharedTensor weight, SharedTensor input, SharedTensor? bias, int truncate)
    {
        ArgumentNullException.ThrowIfNull(map);
        return Product(input, weight, map.OutputCount, truncate);
    }

    /// <inheritdoc/>
    public override SharedTensor MultiplySum(SharedTensor x, SharedTensor y, int count, int[]? target, int truncate) => Product(x, y, count, truncate);

    /// <inheritdoc/>
    public override SharedTensor Truncate(SharedTensor x, int bits)
    {
        ArgumentNullException.ThrowIfNull(x);
        Ledger.Kind = "truncate";
        Open(null, x);
        Deal(8L * x.Count);
        Deal(Lane(bits) * x.Count);
        return new SharedTensor(x.Count, []) { Form = new MaskedForm(64 - bits, null) { HasWraps = true } };
    }

    /// <inheritdoc/>
    public override SharedBits IsNonNegative(SharedTensor x, int signWidth)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(signWidth, CarryMaterial.SignBits);
        Ledger.Kind = "sign";
        if (x.Form is null)
        {
            Open(null, x);
        }

        long plane = 8L * BitPlanes.Words(x.Count);
        Deal(CarryMaterial.Planes * plane);
        Swap(CarryMaterial.Wires * plane);
        Swap(CarryMaterial.TopWires * plane);
        return new SharedBits(x.Count, []);
    }

    /// <inheritdoc/>
    public override SharedTensor SelectShare(SharedBits bits, SharedTensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        Ledger.Kind = "select";
        Open(bits, x.Form is { HasWraps: true } ? [] : [x]);
        Deal(8L * x.Count);
        Deal(8L * x.Count);
        if (x.Form is { IsExact: false } form)
        {
            Deal(Lane(64 - form.Bits) * x.Count);
        }

        return Of(x.Count);
    }

    /// <inheritdoc/>
    public override SharedTensor BitToArithmetic(SharedBits bits)
    {
        ArgumentNullException.ThrowIfNull(bits);
        Ledger.Kind = "bit";
        Open(bits);
        Deal(8L * bits.Count);
        return Of(bits.Count);
    }

    private static MaskedForm Exact => new(MaskedForm.ExactBits, null);

    private static long Lane(int bits) => bits <= 16 ? sizeof(ushort) : sizeof(uint);

    private SharedTensor Product(SharedTensor x, SharedTensor y, int results, int truncate)
    {
        Ledger.Kind = "product";
        Open(null, x, y);
        Deal(8L * results);
        return truncate == 0 ? Of(results) : Truncate(Of(results), truncate);
    }

    private void Open(SharedBits? bits, params ReadOnlySpan<SharedTensor> tensors)
    {
        long bytes = 0;
        if (bits is { IsOpened: false })
        {
            bytes += 8L * BitPlanes.Words(bits.Count);
            bits.Open();
        }

        foreach (SharedTensor tensor in tensors)
        {
            if (tensor.Form is not { IsExact: true })
            {
                bytes += 8L * tensor.Count;
                tensor.Form = Exact;
            }
        }

        if (bytes > 0)
        {
            Swap(bytes);
        }
    }

    private void Swap(long bytes) => Ledger.Exchange((0, 1, bytes), (1, 0, bytes));

    private void Deal(long bytes) => Ledger.Arrive(1, Ledger.Send(2, 1, bytes));
}
