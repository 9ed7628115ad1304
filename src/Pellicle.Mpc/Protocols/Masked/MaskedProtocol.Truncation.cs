using Pellicle.Mpc.Core;

namespace Pellicle.Mpc.Protocols.Masked;

/// <content>Truncation of an opened value, without a failure probability.</content>
/// <remarks>|z| &lt; 2^62. P0 and P1 know c = z + 2^62 + Λ modulo 2^64, with Λ = -b, which P2 knows. z + 2^62 is below 2^63, so c wrapped exactly if the top bit of Λ is set and that of c is not:
/// z / 2^f = (c >> f) - 2^(62-f) - (Λ >> f) + u·v·2^(64-f), u = 1 - top bit of c, v = top bit of Λ; within one unit, never more. P2 deals -(Λ >> f), and v modulo 2^f in a lane of 16 bits (32 if f is above 16).
/// The first two summands are a form of the result modulo 2^(64-f), of which a sign needs no more than the low 32 bits.</remarks>
public sealed partial class MaskedProtocol
{
    private const ulong Offset = 1UL << 62;

    /// <inheritdoc/>
    /// <remarks>Offline 10 bytes an element, 12 above 16 bits; online 16, 1 round, if it was not opened before.</remarks>
    public SharedTensor Truncate(SharedTensor x, int bits)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentOutOfRangeException.ThrowIfLessThan(bits, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bits, 32);
        uint step = ++_step;
        Open(step, null, x);
        return IsHelper ? DealTruncation(x.Form!.Values!, bits, step) : TakeTruncation(x.Form!.Values!, bits, step);
    }

    private SharedTensor Truncated(ulong[][] slots, int count, int bits)
    {
        var product = new SharedTensor(count, slots);
        return bits == 0 ? product : Truncate(product, bits);
    }

    private SharedTensor DealTruncation(ulong[] mask, int f, uint step)
    {
        ulong[] shifted = new ulong[mask.Length], wraps = new ulong[mask.Length];
        for (int i = 0; i < mask.Length; i++)
        {
            ulong lambda = 0 - mask[i];
            shifted[i] = 0 - (lambda >> f);
            wraps[i] = lambda >> 63;
        }

        _dealer.Deal([.. shifted], step, StreamPart.Shifted);
        DealLanes(wraps, step, StreamPart.Wrap, f);
        return Result([], new MaskedForm(64 - f, shifted) { HasWraps = true, Wraps = wraps }, mask.Length);
    }

    private SharedTensor TakeTruncation(ulong[] opened, int f, uint step)
    {
        int n = opened.Length;
        ulong[] share = _dealer.Take(step, StreamPart.Shifted, n), lanes = TakeLanes(step, StreamPart.Wrap, n, f), shifted = new ulong[n], wraps = new ulong[n];
        ulong first = _dealer.IsFirst ? ulong.MaxValue : 0;
        for (int i = 0; i < n; i++)
        {
            ulong c = opened[i] + Offset;
            shifted[i] = (c >> f) - (Offset >> f);
            wraps[i] = 1 - (c >> 63);
            share[i] += (shifted[i] & first) + ((wraps[i] * lanes[i]) << (64 - f));
        }

        return Result([share], new MaskedForm(64 - f, shifted) { HasWraps = true, Wraps = wraps }, n);
    }

    // Numbers that are multiplied by 2^(64-f) matter modulo 2^f only.
    private void DealLanes(ulong[] values, uint step, uint part, int f)
    {
        if (f <= 16)
        {
            _dealer.DealLanes<ushort>(values, step, part);
        }
        else
        {
            _dealer.DealLanes<uint>(values, step, part);
        }
    }

    private ulong[] TakeLanes(uint step, uint part, int count, int f) =>
        f <= 16 ? _dealer.TakeLanes<ushort>(step, part, count) : _dealer.TakeLanes<uint>(step, part, count);
}
