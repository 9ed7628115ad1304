using Pellicle.Mpc.Channels;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Kernels;

namespace Pellicle.Mpc.Protocols.Plain;

/// <summary>The same operations in the clear, in one process, with floor shifts: the oracle that every protocol is compared with.</summary>
public sealed class PlainProtocol : ITensorProtocol
{
    private readonly RingBuffers _buffers = new();
    private double _truncated; // sum of |z|

    /// <inheritdoc/>
    public PartyId Self => new(0);

    /// <inheritdoc/>
    public ThreatModel ThreatModel => ThreatModel.None;

    /// <inheritdoc/>
    public Traffic Traffic => Traffic.None;

    /// <summary>Sum of |z| / 2^64 over the values truncated so far: how many of them local truncation of additive shares would have spoiled on average (<c>securenn</c>).</summary>
    public double ExpectedSpoiledValues => Math.ScaleB(_truncated, -64);

    /// <inheritdoc/>
    public SharedTensor Constant(ulong[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return Of([.. values]);
    }

    /// <inheritdoc/>
    public SharedTensor AddPublic(SharedTensor x, ulong[] values)
    {
        ArgumentNullException.ThrowIfNull(x);
        return x.Map(x.Count, (a, r) => Ring64.Add(a, values, r));
    }

    /// <inheritdoc/>
    public SharedTensor Linear(LinearMap map, SharedTensor weight, SharedTensor input, SharedTensor? bias, int truncate)
    {
        ArgumentNullException.ThrowIfNull(map);
        ArgumentNullException.ThrowIfNull(weight);
        ArgumentNullException.ThrowIfNull(input);
        var z = new ulong[map.OutputCount];
        for (int row = 0; bias is not null && row < bias.Count; row++)
        {
            z.AsSpan(row * map.Columns, map.Columns).Fill(bias.Slot(0)[row]);
        }

        RingLinear.MultiplyAdd(map, weight.Slot(0), input.Slot(0), z, _buffers);
        return Of(Shift(z, truncate));
    }

    /// <inheritdoc/>
    public SharedTensor MultiplySum(SharedTensor x, SharedTensor y, int count, int[]? target, int truncate)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        var z = new ulong[count];
        for (int i = 0; i < x.Count; i++)
        {
            z[target is null ? i : target[i]] += x.Slot(0)[i] * y.Slot(0)[i];
        }

        return Of(Shift(z, truncate));
    }

    /// <inheritdoc/>
    public SharedTensor Truncate(SharedTensor x, int bits)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Of(Shift([.. x.Slot(0)], bits));
    }

    /// <inheritdoc/>
    public SharedBits IsNonNegative(SharedTensor x, int signWidth)
    {
        ArgumentNullException.ThrowIfNull(x);
        return new SharedBits(x.Count, [[.. x.Slot(0).Select(v => 1 - (v >> 63))]]);
    }

    /// <inheritdoc/>
    public SharedTensor SelectShare(SharedBits bits, SharedTensor x)
    {
        ArgumentNullException.ThrowIfNull(bits);
        ArgumentNullException.ThrowIfNull(x);
        return x.Scale(bits.Slots[0]);
    }

    /// <inheritdoc/>
    public SharedTensor BitToArithmetic(SharedBits bits)
    {
        ArgumentNullException.ThrowIfNull(bits);
        return Of(bits.Slots[0]);
    }

    private ulong[] Shift(ulong[] values, int bits)
    {
        for (int i = 0; i < values.Length; i++)
        {
            _truncated += bits == 0 ? 0 : Math.Abs((double)(long)values[i]);
            values[i] = (ulong)((long)values[i] >> bits);
        }

        return values;
    }

    private static SharedTensor Of(ulong[] values) => new(values.Length, [values]);
}
