using Pellicle.Mpc.Core;
using Pellicle.Mpc.Kernels;

namespace Pellicle.Mpc.Protocols.Replicated3;

/// <content>Products: each party computes one summand of the result locally, x·y = z0 + z1 + z2 with z_i = x_i·y_i + x_i·y_i+1 + x_i+1·y_i; then the summands are shared again.</content>
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
        var z = new ulong[map.OutputCount];
        var sum = new ulong[input.Count];
        Ring64.Add(input.Slot(0), input.Slot(1), sum);
        RingLinear.MultiplyAdd(map, weight.Slot(0), sum, z);
        RingLinear.MultiplyAdd(map, weight.Slot(1), input.Slot(0), z);
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
        ulong[] x0 = x.Slot(0), x1 = x.Slot(1), y0 = y.Slot(0), y1 = y.Slot(1);
        var z = new ulong[count];
        for (int i = 0; i < x0.Length; i++)
        {
            z[target is null ? i : target[i]] += (x0[i] * (y0[i] + y1[i])) + (x1[i] * y0[i]);
        }

        return Reshare(z, truncate);
    }

    /// <inheritdoc/>
    public SharedTensor Truncate(SharedTensor x, int bits)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentOutOfRangeException.ThrowIfLessThan(bits, 1);
        return Reshare([.. x.Slot(0)], bits);
    }

    // z_i → replicated shares of the sum, divided by 2^truncate. The summand is masked by F_i - F_i+1 first; the masks of all parties cancel.
    private SharedTensor Reshare(ulong[] z, int truncate)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(truncate);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(truncate, 32);
        uint step = ++_step;
        Ring64.Add(z, _keyA.Elements(step, StreamPart.ZeroMask, z.Length), z);
        Ring64.Subtract(z, _keyB.Elements(step, StreamPart.ZeroMask, z.Length), z);
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
        return new SharedTensor(z.Length, [z, Receive(Self.Next, step, z.Length)]);
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
