using Pellicle.Mpc.Core;
using Pellicle.Mpc.Kernels;

namespace Pellicle.Mpc.Protocols.Replicated3;

/// <content>The sign, by a carry tree on bit planes.</content>
/// <remarks>x = s + t with s = x0 + x1 known to P0 and t = x2 known to P1 and P2. The planes of s are shared as F_0 and s xor F_0, t is slot 2: so the propagate bits
/// p = s xor t are shared without a message. g = s and t takes one message from P1 and one from P2 to P0. The carry into bit l-1 comes from a binary tree
/// over the l-1 lower pairs (g, p): (g, p) of two neighbours is (g_hi xor p_hi·g_lo, p_hi·p_lo). Sign = p(l-1) xor carry.
/// <para>Cost with w words of 64 elements: P0 to P1 8·l·w bytes, P1 and P2 to P0 8·(l-1)·w each, then ceil(log2(l-1)) levels of 8·(2·pairs-1)·w from each party; 2 + ceil(log2(l-1)) rounds,
/// the first of which runs beside a truncation that ends in x.</para></remarks>
public sealed partial class Replicated3Protocol
{
    /// <inheritdoc/>
    public SharedBits IsNonNegative(SharedTensor x, int signWidth)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentOutOfRangeException.ThrowIfLessThan(signWidth, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(signWidth, 64);
        uint step = ++_step;
        if (x.IsLate && signWidth > 32)
        {
            x.Settle(); // the late term starts at bit 64 - f, which is 32 at least
        }

        int words = BitPlanes.Words(x.Count);
        (ulong[] pA, ulong[] pB) = SharePropagate(x, signWidth, words, step);
        (ulong[] gA, ulong[] gB) = Generate(pA, pB, (signWidth - 1) * words, step);
        (ulong[] carryA, ulong[] carryB) = CarryTree(pA, pB, gA, gB, signWidth - 1, words, step);
        int top = (signWidth - 1) * words;
        BitPlanes.Xor(carryA, pA.AsSpan(top, words), carryA);
        BitPlanes.Xor(carryB, pB.AsSpan(top, words), carryB);
        Invert(carryA, carryB);
        _buffers.Return(pA, pB);
        return new SharedBits(x.Count, [carryA, carryB]);
    }

    private (ulong[] A, ulong[] B) SharePropagate(SharedTensor x, int planes, int words, uint step)
    {
        int length = planes * words;
        switch (Self.Index)
        {
            case 0:
                ulong[] s = _buffers.Rent(x.Count);
                Ring64.Add(x.LowBits(0), x.LowBits(1), s);
                ulong[] mask = Borrow(_keyA, step, StreamPart.Planes, length), rest = Sliced(s, planes, length);
                BitPlanes.Xor(rest, mask, rest);
                Send(P1, step, rest);
                _buffers.Return(s);
                return (mask, rest);
            case 1:
                return (Borrow(P0, step, length), Sliced(x.Slot(1), planes, length));
            default:
                return (Sliced(x.Slot(0), planes, length), Borrow(_keyB, step, StreamPart.Planes, length));
        }
    }

    private ulong[] Sliced(ulong[] values, int planes, int length)
    {
        ulong[] result = _buffers.Rent(length);
        BitPlanes.Slice(values, planes, result);
        return result;
    }

    // g = s·t: P2 sends s0·t xor r0, P1 sends s1·t xor r1 to P0; slot 2 is r0 xor r1.
    private (ulong[] A, ulong[] B) Generate(ulong[] pA, ulong[] pB, int length, uint step)
    {
        if (Self == P0)
        {
            return (Borrow(P2, step, length), Borrow(P1, step, length));
        }

        PairwiseSeed key = Self == P1 ? _keyB : _keyA;
        ulong[] r0 = Borrow(key, step, StreamPart.Mask0, length), r1 = Borrow(key, step, StreamPart.Mask1, length);
        ulong[] own = Self == P1 ? r1 : r0, message = _buffers.Rent(length);
        BitPlanes.AndXor(pA.AsSpan(0, length), pB.AsSpan(0, length), own, message);
        Send(P0, step, message);
        BitPlanes.Xor(r0, r1, r0);
        _buffers.Return(r1);
        return Self == P1 ? (message, r0) : (r0, message);
    }

    private (ulong[] A, ulong[] B) CarryTree(ulong[] pA, ulong[] pB, ulong[] gA, ulong[] gB, int count, int words, uint step)
    {
        int planes = count + 1;
        for (uint level = 0; count > 1; level++)
        {
            int pairs = count / 2, gates = (2 * pairs) - 1;
            ulong[] mask = Borrow(_keyA, step, StreamPart.Level + level, gates * words), other = Borrow(_keyB, step, StreamPart.Level + level, gates * words);
            BitPlanes.Xor(mask, other, mask);
            ulong[] z = other;
            for (int i = 0; i < pairs; i++)
            {
                int low = 2 * i * words, high = low + words;
                And(pA, pB, high, gA, gB, low, mask, z, i * words, words);
                if (i > 0)
                {
                    And(pA, pB, high, pA, pB, low, mask, z, (pairs + i - 1) * words, words);
                }
            }

            Send(Self.Previous, step, z);
            ulong[] y = mask;
            Receive(Self.Next, step, y);
            (ulong[], ulong[]) nextA = Merge(pA, gA, z, count, words), nextB = Merge(pB, gB, y, count, words);
            Recycle(ref pA, ref gA, nextA, level);
            Recycle(ref pB, ref gB, nextB, level);
            _buffers.Return(z, y);
            count -= pairs;
        }

        if (count < planes - 1)
        {
            _buffers.Return(pA, pB);
        }

        return (gA, gB);
    }

    // The propagate planes of the first level are the caller's.
    private void Recycle(ref ulong[] p, ref ulong[] g, (ulong[] P, ulong[] G) next, uint level)
    {
        if (level > 0)
        {
            _buffers.Return(p);
        }

        _buffers.Return(g);
        (p, g) = next;
    }

    // Pairs (2i, 2i+1) become position i; an odd last one moves up unchanged. Position 0 needs no propagate bit any more.
    private (ulong[] P, ulong[] G) Merge(ulong[] p, ulong[] g, ulong[] products, int count, int words)
    {
        int pairs = count / 2, merged = count - pairs;
        ulong[] nextP = _buffers.Rent(merged * words), nextG = _buffers.Rent(merged * words);
        for (int i = 0; i < pairs; i++)
        {
            BitPlanes.Xor(g.AsSpan(((2 * i) + 1) * words, words), products.AsSpan(i * words, words), nextG.AsSpan(i * words, words));
            if (i > 0)
            {
                products.AsSpan((pairs + i - 1) * words, words).CopyTo(nextP.AsSpan(i * words));
            }
        }

        if (merged > pairs)
        {
            p.AsSpan((count - 1) * words, words).CopyTo(nextP.AsSpan(pairs * words));
            g.AsSpan((count - 1) * words, words).CopyTo(nextG.AsSpan(pairs * words));
        }

        return (nextP, nextG);
    }

    // NOT: slot 2 is flipped, at its two holders.
    private void Invert(ulong[] a, ulong[] b)
    {
        ulong[]? last = Self.Index switch { 1 => b, 2 => a, _ => null };
        for (int i = 0; last is not null && i < last.Length; i++)
        {
            last[i] = ~last[i];
        }
    }

    private static void And(ulong[] xA, ulong[] xB, int x, ulong[] yA, ulong[] yB, int y, ulong[] mask, ulong[] z, int at, int words) =>
        BitPlanes.ReplicatedAnd(xA.AsSpan(x, words), xB.AsSpan(x, words), yA.AsSpan(y, words), yB.AsSpan(y, words), mask.AsSpan(at, words), z.AsSpan(at, words));
}
