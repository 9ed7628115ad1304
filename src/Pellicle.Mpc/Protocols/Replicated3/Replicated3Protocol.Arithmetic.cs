using Pellicle.Mpc.Core;
using Pellicle.Mpc.Kernels;

namespace Pellicle.Mpc.Protocols.Replicated3;

/// <content>Products: each party computes one summand of the result locally, x·y = z0 + z1 + z2; then the summands are shared again.</content>
/// <remarks>With s = x0 + x1 and t = x2: P0 computes s·s', P1 (y1 + y2)·x2 + y2·x1, P2 y0·x2 + y2·x0. These are the nine products x_i·y_j, each once,
/// in five multiplications of all parties; the symmetric form x_i·y_i + x_i·y_i+1 + x_i+1·y_i takes six.</remarks>
public sealed partial class Replicated3Protocol
{
    /// <inheritdoc/>
    public SharedTensor Linear(LinearMap map, SharedTensor weight, SharedTensor input, SharedTensor? bias, int truncate)
    {
        ArgumentNullException.ThrowIfNull(map);
        ArgumentNullException.ThrowIfNull(weight);
        ArgumentNullException.ThrowIfNull(input);
        RequireCount(map.WeightCount, weight.Count, "weight");
        RequireCount(map.InputCount, input.Count, "input");
        ulong[] z = _buffers.Rent(map.OutputCount);
        Array.Clear(z);
        if (Self == P0)
        {
            ulong[] sum = _buffers.Rent(input.Count);
            Ring64.Add(input.Slot(0), input.Slot(1), sum);
            RingLinear.MultiplyAdd(map, weight.SlotSum(), sum, z, _buffers);
            _buffers.Return(sum);
        }
        else
        {
            RingLinear.MultiplyAdd(map, Self == P1 ? weight.SlotSum() : weight.Slot(0), input.Slot(1), z, _buffers);
            RingLinear.MultiplyAdd(map, weight.Slot(1), input.Slot(0), z, _buffers);
        }

        if (bias is not null)
        {
            RequireCount(map.Groups * map.Rows, bias.Count, "bias");
            AddRows(bias.Slot(0), z, map.Columns);
        }

        return Reshare(z, truncate);
    }

    /// <inheritdoc/>
    public SharedTensor MultiplySum(SharedTensor x, SharedTensor y, int count, int[]? target, int truncate)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        RequireCount(x.Count, y.Count, "second factor");
        ulong[] x0 = x.Slot(0), x1 = x.Slot(1), y0 = y.Slot(0), y1 = y.Slot(1), z = _buffers.Rent(count);
        Array.Clear(z);
        ulong[] first = _buffers.Rent(x.Count), products = target is null ? z : _buffers.Rent(x.Count);
        Array.Clear(products);
        if (Self == P0)
        {
            ulong[] second = _buffers.Rent(x.Count);
            Ring64.Add(x0, x1, first);
            Ring64.Add(y0, y1, second);
            Ring64.MultiplyAdd(first, second, products);
            _buffers.Return(second);
        }
        else
        {
            if (Self == P1)
            {
                Ring64.Add(y0, y1, first);
            }

            Ring64.MultiplyAdd(Self == P1 ? first : y0, x1, products);
            Ring64.MultiplyAdd(y1, x0, products);
        }

        for (int i = 0; target is not null && i < products.Length; i++)
        {
            z[target[i]] += products[i];
        }

        _buffers.Return(first);
        if (target is not null)
        {
            _buffers.Return(products);
        }

        return Reshare(z, truncate);
    }

    /// <inheritdoc/>
    public SharedTensor Truncate(SharedTensor x, int bits)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentOutOfRangeException.ThrowIfLessThan(bits, 1);
        ulong[] z = _buffers.Rent(x.Count);
        x.Slot(0).CopyTo(z, 0);
        return Reshare(z, bits);
    }

    // Takes over the buffer z. z_i → replicated shares of the sum, divided by 2^truncate. The summand is masked by F_i - F_i+1 first; the masks of all parties cancel.
    private SharedTensor Reshare(ulong[] z, int truncate)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(truncate);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(truncate, 32);
        uint step = ++_step;
        ulong[] plus = Borrow(_keyA, step, StreamPart.ZeroMask, z.Length), minus = Borrow(_keyB, step, StreamPart.ZeroMask, z.Length);
        Ring64.Add(z, plus, z);
        Ring64.Subtract(z, minus, z);
        _buffers.Return(plus, minus);
        if (truncate > 16)
        {
            return Truncated<uint>(z, truncate, step);
        }

        if (truncate > 0)
        {
            return Truncated<ushort>(z, truncate, step);
        }

        // 8 bytes from each party to the previous one, 1 round: party i ends with (z_i, z_i+1).
        Send(Self.Previous, step, z);
        return Result(z, Borrow(Self.Next, step, z.Length));
    }

    private static void AddRows(ulong[] bias, ulong[] z, int columns)
    {
        for (int row = 0; row < bias.Length; row++)
        {
            Span<ulong> line = z.AsSpan(row * columns, columns);
            for (int j = 0; j < line.Length; j++)
            {
                line[j] += bias[row];
            }
        }
    }

    private static void RequireCount(int expected, int found, string what)
    {
        if (expected != found)
        {
            throw new ArgumentException($"The {what} has {found} elements; expected {expected}.");
        }
    }
}
