using Pellicle.Mpc.Core;
using Pellicle.Mpc.Kernels;

namespace Pellicle.Mpc.Protocols.Masked;

/// <content>Products of opened values.</content>
/// <remarks>With x = E + b and w = F + c: x·w = x·F + x·c = x·F + E·c + b·c, and c = w - F, so P0 and P1 take x_j·F + E·w_j, P0 without E·F, and P2 deals b·c, which depends on masks alone.
/// A weight is opened when it is shared, an input once; openings have the size of the tensor and not of the unfolded matrix.</remarks>
public sealed partial class MaskedProtocol
{
    /// <inheritdoc/>
    /// <remarks>Offline 8 bytes an output; online 16 an element of what is not opened yet, 1 round for it; and the truncation.</remarks>
    public SharedTensor Linear(LinearMap map, SharedTensor weight, SharedTensor input, SharedTensor? bias, int truncate)
    {
        ArgumentNullException.ThrowIfNull(map);
        ArgumentNullException.ThrowIfNull(weight);
        ArgumentNullException.ThrowIfNull(input);
        weight.RequireCount(map.WeightCount, "weight");
        input.RequireCount(map.InputCount, "input");
        bias?.RequireCount(map.Groups * map.Rows, "bias");
        uint step = ++_step;
        Open(step, null, input, weight);
        ulong[] e = input.Form!.Values!, f = weight.Form!.Values!;
        if (IsHelper)
        {
            var product = new ulong[map.OutputCount];
            RingLinear.MultiplyAdd(map, f, e, product, _buffers);
            _dealer.Deal(product, step, StreamPart.Product);
            return Truncated([], product.Length, truncate);
        }

        ulong[] z = _dealer.Take(step, StreamPart.Product, map.OutputCount);
        RingLinear.MultiplyAdd(map, f, input.Slot(0), z, _buffers);
        ulong[] w = WithoutOpened(weight.Slot(0), f);
        RingLinear.MultiplyAdd(map, w, e, z, _buffers);
        _buffers.Return(w);
        if (bias is not null)
        {
            RingLinear.AddBias(bias.Slot(0), z, map.Columns);
        }

        return Truncated([z], z.Length, truncate);
    }

    /// <inheritdoc/>
    /// <remarks>Offline 8 bytes a result; online 16 an element of what is not opened yet, 1 round for it; and the truncation.</remarks>
    public SharedTensor MultiplySum(SharedTensor x, SharedTensor y, int count, int[]? target, int truncate)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        y.RequireCount(x.Count, "second factor");
        uint step = ++_step;
        Open(step, null, x, y);
        ulong[] e = x.Form!.Values!, f = y.Form!.Values!;
        if (IsHelper)
        {
            var product = new ulong[count];
            AddProducts(e, f, target, product);
            _dealer.Deal(product, step, StreamPart.Product);
            return Truncated([], count, truncate);
        }

        ulong[] z = _dealer.Take(step, StreamPart.Product, count);
        AddProducts(x.Slot(0), f, target, z);
        ulong[] w = WithoutOpened(y.Slot(0), f);
        AddProducts(e, w, target, z);
        _buffers.Return(w);
        return Truncated([z], count, truncate);
    }

    // w_j, at P0 w_0 - F, in a buffer that must be given back.
    private ulong[] WithoutOpened(ulong[] share, ulong[] opened)
    {
        ulong[] rest = _buffers.Rent(share.Length);
        share.CopyTo(rest, 0);
        if (_dealer.IsFirst)
        {
            Ring64.Subtract(rest, opened, rest);
        }

        return rest;
    }

    private static void AddProducts(ulong[] x, ulong[] y, int[]? target, ulong[] sums)
    {
        if (target is null)
        {
            Ring64.MultiplyAdd(x, y, sums);
            return;
        }

        for (int i = 0; i < x.Length; i++)
        {
            sums[target[i]] += x[i] * y[i];
        }
    }
}
