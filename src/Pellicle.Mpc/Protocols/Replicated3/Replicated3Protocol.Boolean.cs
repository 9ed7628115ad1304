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
        return new SharedBits(x.Count, [carryA, carryB]);
    }

    private (ulong[] A, ulong[] B) SharePropagate(SharedTensor x, int planes, int words, uint step)
    {
        int length = planes * words;
        switch (Self.Index)
        {
            case 0:
                var s = new ulong[x.Count];
                Ring64.Add(x.LowBits(0), x.LowBits(1), s);
                ulong[] mask = _keyA.Elements(step, StreamPart.Planes, length);
                ulong[] rest = BitPlanes.Slice(s, planes);
                BitPlanes.Xor(rest, mask, rest);
                Send(P1, step, rest);
                return (mask, rest);
            case 1:
                return (Receive(P0, step, length), BitPlanes.Slice(x.Slot(1), planes));
            default:
                return (BitPlanes.Slice(x.Slot(0), planes), _keyB.Elements(step, StreamPart.Planes, length));
        }
    }

    // g = s·t: P2 sends s0·t xor r0, P1 sends s1·t xor r1 to P0; slot 2 is r0 xor r1.
    private (ulong[] A, ulong[] B) Generate(ulong[] pA, ulong[] pB, int length, uint step)
    {
        if (Self == P0)
        {
            return (Receive(P2, step, length), Receive(P1, step, length));
        }

        PairwiseSeed key = Self == P1 ? _keyB : _keyA;
        ulong[] r0 = key.Elements(step, StreamPart.Mask0, length), r1 = key.Elements(step, StreamPart.Mask1, length);
        ulong[] own = Self == P1 ? r1 : r0;
        var message = new ulong[length];
        for (int i = 0; i < length; i++)
        {
            message[i] = (pA[i] & pB[i]) ^ own[i];
        }

        Send(P0, step, message);
        BitPlanes.Xor(r0, r1, r0);
        return Self == P1 ? (message, r0) : (r0, message);
    }

    private (ulong[] A, ulong[] B) CarryTree(ulong[] pA, ulong[] pB, ulong[] gA, ulong[] gB, int count, int words, uint step)
    {
        for (uint level = 0; count > 1; level++)
        {
            int pairs = count / 2, gates = (2 * pairs) - 1;
            ulong[] mask = _keyA.Elements(step, StreamPart.Level + level, gates * words);
            BitPlanes.Xor(mask, _keyB.Elements(step, StreamPart.Level + level, gates * words), mask);
            var z = new ulong[gates * words];
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
            ulong[] y = Receive(Self.Next, step, gates * words);
            (pA, gA) = Merge(pA, gA, z, count, words);
            (pB, gB) = Merge(pB, gB, y, count, words);
            count -= pairs;
        }

        return (gA, gB);
    }

    // Pairs (2i, 2i+1) become position i; an odd last one moves up unchanged. Position 0 needs no propagate bit any more.
    private static (ulong[] P, ulong[] G) Merge(ulong[] p, ulong[] g, ulong[] products, int count, int words)
    {
        int pairs = count / 2, merged = count - pairs;
        ulong[] nextP = new ulong[merged * words], nextG = new ulong[merged * words];
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
