using Pellicle.Mpc.Core;
using Pellicle.Mpc.Kernels;

namespace Pellicle.Mpc.Protocols.Masked;

/// <content>Bit times value, and bit to value. A bit is opened at its first use: bit = ε xor β, P0 and P1 know ε, P2 knows β; so bit = ε + (1 - 2ε)·β.</content>
public sealed partial class MaskedProtocol
{
    /// <inheritdoc/>
    /// <remarks>y = ε·x + (1 - 2ε)·β·x with x = E + b: P2 deals β and β·b, and β·v where x was just truncated. Offline 16 or 18 bytes an element, none online but for what was not opened:
    /// the bits, which end the sign, and x if it has no form, in the same message.</remarks>
    public SharedTensor SelectShare(SharedBits bits, SharedTensor x)
    {
        ArgumentNullException.ThrowIfNull(bits);
        ArgumentNullException.ThrowIfNull(x);
        x.RequireCount(bits.Count, "selected tensor");
        uint step = ++_step;
        Open(step, bits, x.Form is { HasWraps: true } ? [] : [x]);
        return IsHelper ? DealSelection(bits, x.Form!, step) : TakeSelection(bits, x, step);
    }

    /// <inheritdoc/>
    /// <remarks>Offline 8 bytes an element; online the opening of the bits, if this is their first use.</remarks>
    public SharedTensor BitToArithmetic(SharedBits bits)
    {
        ArgumentNullException.ThrowIfNull(bits);
        uint step = ++_step;
        Open(step, bits);
        ulong[] own = Unpacked(bits);
        if (IsHelper)
        {
            _dealer.Deal(own, step, StreamPart.Bit);
            return Result([], null, own.Length);
        }

        ulong[] share = _dealer.Take(step, StreamPart.Bit, own.Length);
        ulong first = _dealer.IsFirst ? 1UL : 0;
        for (int i = 0; i < share.Length; i++)
        {
            share[i] = (first * own[i]) + ((1 - (2 * own[i])) * share[i]);
        }

        return Result([share], null, share.Length);
    }

    private SharedTensor DealSelection(SharedBits bits, MaskedForm form, uint step)
    {
        ulong[] beta = Unpacked(bits), product = new ulong[beta.Length];
        Ring64.Multiply(beta, form.Values, product);
        _dealer.Deal([.. beta], step, StreamPart.Bit);
        _dealer.Deal(product, step, StreamPart.BitProduct);
        if (!form.IsExact)
        {
            Ring64.Multiply(beta, form.Wraps, beta);
            DealLanes(beta, step, StreamPart.BitWrap, 64 - form.Bits);
        }

        return Result([], null, beta.Length);
    }

    private SharedTensor TakeSelection(SharedBits bits, SharedTensor x, uint step)
    {
        int n = x.Count;
        MaskedForm form = x.Form!;
        ulong[] share = x.Slot(0), opened = form.Values!, epsilon = Unpacked(bits);
        ulong[] beta = _dealer.Take(step, StreamPart.Bit, n), product = _dealer.Take(step, StreamPart.BitProduct, n);
        if (!form.IsExact)
        {
            ulong[] lanes = TakeLanes(step, StreamPart.BitWrap, n, 64 - form.Bits);
            for (int i = 0; i < n; i++)
            {
                product[i] += (form.Wraps![i] * lanes[i]) << form.Bits;
            }
        }

        for (int i = 0; i < n; i++)
        {
            product[i] = (epsilon[i] * share[i]) + ((1 - (2 * epsilon[i])) * ((opened[i] * beta[i]) + product[i]));
        }

        return Result([product], null, n);
    }

    private static ulong[] Unpacked(SharedBits bits)
    {
        var elements = new ulong[bits.Count];
        BitPlanes.Unpack(bits.Slots[0], [], elements);
        return elements;
    }
}
