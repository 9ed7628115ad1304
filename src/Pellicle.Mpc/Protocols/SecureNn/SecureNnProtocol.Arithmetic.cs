using Pellicle.Mpc.Core;
using Pellicle.Mpc.Kernels;

namespace Pellicle.Mpc.Protocols.SecureNn;

/// <content>Products, SecureNN algorithm 1, and truncation.</content>
/// <remarks>A and B are masks that P2 knows: both shares of P0 from its key with P2, those of P1 from its own. P0 and P1 open E = X - A and F = Y - B; P2 deals C = A·B.
/// Z_j = X_j·F + E·Y_j + C_j - [j=0]·E·F; P0 saves a product by E·(Y_0 - F). Openings have the size of the tensors, not of the unfolded matrix.
/// A weight's F was opened once, when the weights were shared (<see cref="SharedTensor.Masked"/>); A is new each time.</remarks>
public sealed partial class SecureNnProtocol
{
    /// <inheritdoc/>
    /// <remarks>8 bytes an output from P2, sent ahead; 16 an input, and 16 an element of a weight that is itself a result; 1 round.</remarks>
    public SharedTensor Linear(LinearMap map, SharedTensor weight, SharedTensor input, SharedTensor? bias, int truncate)
    {
        ArgumentNullException.ThrowIfNull(map);
        ArgumentNullException.ThrowIfNull(weight);
        ArgumentNullException.ThrowIfNull(input);
        RequireCount(map.WeightCount, weight.Count, "weight");
        RequireCount(map.InputCount, input.Count, "input");
        uint step = ++_step;
        int inputs = input.Count, weights = weight.Count;
        if (IsHelper)
        {
            ulong[] a = SumOfMasks(step, StreamPart.MaskA, inputs), product = new ulong[map.OutputCount];
            RingLinear.MultiplyAdd(map, weight.Masked ?? SumOfMasks(step, StreamPart.MaskB, weights), a, product, _buffers);
            Deal(product, step, StreamPart.Product);
            return new SharedTensor(product.Length, []);
        }

        bool isOpened = weight.Masked is not null;
        ulong[] x = input.Slot(0), y = weight.Slot(0);
        ulong[] opened = Open(isOpened ? [(x, StreamPart.MaskA)] : [(x, StreamPart.MaskA), (y, StreamPart.MaskB)], step);
        ReadOnlySpan<ulong> e = opened.AsSpan(0, inputs), f = isOpened ? weight.Masked : opened.AsSpan(inputs);
        ulong[] z = TakeDealt(step, StreamPart.Product, map.OutputCount);
        AddZeroShare(z, step, StreamPart.ZeroShare);
        if (bias is not null)
        {
            RequireCount(map.Groups * map.Rows, bias.Count, "bias");
            AddRows(bias.Slot(0), z, map.Columns);
        }

        if (Self == P0)
        {
            var rest = new ulong[weights];
            Ring64.Subtract(y, f, rest);
            y = rest;
        }

        RingLinear.MultiplyAdd(map, f, x, z, _buffers);
        RingLinear.MultiplyAdd(map, y, e, z, _buffers);
        return new SharedTensor(z.Length, [Shift(z, truncate)]);
    }

    /// <inheritdoc/>
    /// <remarks>8 bytes a result from P2, sent ahead; 32 a product; 1 round.</remarks>
    public SharedTensor MultiplySum(SharedTensor x, SharedTensor y, int count, int[]? target, int truncate)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        RequireCount(x.Count, y.Count, "second factor");
        uint step = ++_step;
        if (IsHelper)
        {
            DealProduct(x.Count, count, target, step);
            return new SharedTensor(count, []);
        }

        ulong[] z = Multiply(x.Slot(0), y.Slot(0), TakeLater(count), target, step);
        AddZeroShare(z, step, StreamPart.ZeroShareOfProduct);
        return new SharedTensor(count, [Shift(z, truncate)]);

        Func<ulong[]> TakeLater(int n) => () => TakeDealt(step, StreamPart.Product, n);
    }

    /// <inheritdoc/>
    /// <remarks>SecureML (Mohassel, Zhang 2017): P0 shifts its share, P1 negates, shifts, negates. No message. Right within one unit, but with probability |x| / 2^64 the shares
    /// lie on different sides of a wrap and the result is wrong by 2^(64 - bits): the plan tells how many such values to expect.</remarks>
    public SharedTensor Truncate(SharedTensor x, int bits)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentOutOfRangeException.ThrowIfLessThan(bits, 1);
        return IsHelper ? x : new SharedTensor(x.Count, [Shift([.. x.Slot(0)], bits)]);
    }

    private ulong[] Shift(ulong[] values, int bits)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bits);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bits, 32);
        bool negates = Self == P1;
        for (int i = 0; bits > 0 && i < values.Length; i++)
        {
            values[i] = negates ? 0 - (ulong)((long)(0 - values[i]) >> bits) : (ulong)((long)values[i] >> bits);
        }

        return values;
    }

    // Elementwise products of shares, added up in groups; c is taken in after the opening was sent.
    private ulong[] Multiply(ulong[] x, ulong[] y, Func<ulong[]> c, int[]? target, uint step)
    {
        int n = x.Length;
        ulong[] opened = Open([(x, StreamPart.MaskA), (y, StreamPart.MaskB)], step), z = c();
        ReadOnlySpan<ulong> e = opened.AsSpan(0, n), f = opened.AsSpan(n);
        ulong isFirst = Self == P0 ? 1UL : 0;
        for (int i = 0; i < n; i++)
        {
            z[target is null ? i : target[i]] += (x[i] * f[i]) + (e[i] * (y[i] - (isFirst * f[i])));
        }

        return z;
    }

    // P2's part of a product: C = A·B.
    private void DealProduct(int n, int count, int[]? target, uint step) => Deal(ProductOfMasks(n, count, target, step), step, StreamPart.Product);

    private ulong[] ProductOfMasks(int n, int count, int[]? target, uint step)
    {
        ulong[] a = SumOfMasks(step, StreamPart.MaskA, n), b = SumOfMasks(step, StreamPart.MaskB, n), product = new ulong[count];
        for (int i = 0; i < n; i++)
        {
            product[target is null ? i : target[i]] += a[i] * b[i];
        }

        return product;
    }

    // P2: what P0 and P1 subtract between them.
    private ulong[] SumOfMasks(uint step, uint part, int count)
    {
        ulong[] sum = _with0.Elements(step, part, count);
        Ring64.Add(sum, _with1.Elements(step, part, count), sum);
        return sum;
    }

    // P0 and P1 swap masked shares, all in one message, and learn the masked values.
    private ulong[] Open((ulong[] Share, uint Mask)[] values, uint step)
    {
        var opened = new ulong[values.Sum(value => value.Share.Length)];
        int start = 0;
        foreach ((ulong[] share, uint mask) in values)
        {
            Ring64.Subtract(share, _with2.Elements(step, mask, share.Length), opened.AsSpan(start, share.Length));
            start += share.Length;
        }

        Send(Other, step, opened);
        Ring64.Add(opened, Receive(Other, step, opened.Length), opened);
        return opened;
    }

    private static void AddRows(ulong[] bias, ulong[] z, int columns)
    {
        for (int row = 0; row < bias.Length; row++)
        {
            Span<ulong> line = z.AsSpan(row * columns, columns);
            for (int i = 0; i < line.Length; i++)
            {
                line[i] += bias[row];
            }
        }
    }
}
