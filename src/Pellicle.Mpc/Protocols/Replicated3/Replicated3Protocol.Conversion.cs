using System.Diagnostics;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Kernels;

namespace Pellicle.Mpc.Protocols.Replicated3;

/// <content>Bit times value, and bit to value. A bit is u xor v with u known to P0 (slots 0 and 1) and v known to P1 and P2 (slot 2).</content>
public sealed partial class Replicated3Protocol
{
    /// <inheritdoc/>
    /// <remarks>h = v·x, w = x - 2h, y = h + u·w. Round 1: P0 shares u (F_0 and u1, to P1); P2 sends v·x0 + r0 and P1 sends v·x1 + r1 to P0; slot 2 of h is v·x2 - r0 - r1.
    /// Round 2: P2 sends u0·w2 + q0 and P1 sends u1·w2 + q1 to P0; P0 sends u·(w0 + w1) - F_0 to P1. 48 bytes an element, 2 rounds.</remarks>
    public SharedTensor SelectShare(SharedBits bits, SharedTensor x)
    {
        ArgumentNullException.ThrowIfNull(bits);
        ArgumentNullException.ThrowIfNull(x);
        RequireCount(bits.Count, x.Count, "selected tensor");
        x.Settle();
        uint step = ++_step;
        return Self == P0 ? SelectAtP0(bits, x, step) : SelectAtHolders(bits, x, step);
    }

    private SharedTensor SelectAtP0(SharedBits bits, SharedTensor x, uint step)
    {
        int n = x.Count;
        ulong[] u = Unpack(bits.Slots[0], bits.Slots[1], n);
        ulong[] u1 = new ulong[n];
        Ring64.Subtract(u, _keyA.Elements(step, StreamPart.SplitSlot, n), u1);
        Send(P1, step, u1);
        ulong[] h0 = Receive(P2, step, n), h1 = Receive(P1, step, n);
        ulong[] y0 = _keyA.Elements(step, StreamPart.Product, n), y1 = new ulong[n];
        ulong[] x0 = x.Slot(0), x1 = x.Slot(1);
        for (int i = 0; i < n; i++)
        {
            ulong w = x0[i] + x1[i] - (2 * (h0[i] + h1[i]));
            y1[i] = (u[i] * w) - y0[i];
        }

        Send(P1, step, y1);
        Ring64.Add(y0, h0, y0);
        Ring64.Add(y1, h1, y1);
        Ring64.Add(y0, Receive(P2, step, n), y0);
        Ring64.Add(y1, Receive(P1, step, n), y1);
        return new SharedTensor(n, [y0, y1]);
    }

    // P1 holds slots (1, 2), P2 holds (2, 0): "outer" is the slot shared with P0.
    private SharedTensor SelectAtHolders(SharedBits bits, SharedTensor x, uint step)
    {
        bool isP1 = Self == P1;
        int n = x.Count;
        PairwiseSeed key = isP1 ? _keyB : _keyA;
        ulong[] r0 = key.Elements(step, StreamPart.Mask0, n), r1 = key.Elements(step, StreamPart.Mask1, n);
        ulong[] q0 = key.Elements(step, StreamPart.Mask2, n), q1 = key.Elements(step, StreamPart.Mask3, n);
        ulong[] v = Unpack(isP1 ? bits.Slots[1] : bits.Slots[0], null, n);
        ulong[] outer = isP1 ? x.Slot(0) : x.Slot(1), last = isP1 ? x.Slot(1) : x.Slot(0);
        ulong[] own = isP1 ? r1 : r0, ownSecond = isP1 ? q1 : q0;
        ulong[] h = new ulong[n], hLast = new ulong[n];
        for (int i = 0; i < n; i++)
        {
            h[i] = (v[i] * outer[i]) + own[i];
            hLast[i] = (v[i] * last[i]) - r0[i] - r1[i];
        }

        Send(P0, step, h);
        ulong[] u = isP1 ? Receive(P0, step, n) : _keyB.Elements(step, StreamPart.SplitSlot, n);
        ulong[] y = new ulong[n];
        for (int i = 0; i < n; i++)
        {
            y[i] = (u[i] * (last[i] - (2 * hLast[i]))) + ownSecond[i];
            hLast[i] -= q0[i] + q1[i];
        }

        Send(P0, step, y);
        Ring64.Add(y, h, y);
        Ring64.Add(y, isP1 ? Receive(P0, step, n) : _keyB.Elements(step, StreamPart.Product, n), y);
        return new SharedTensor(n, isP1 ? [y, hLast] : [hLast, y]);
    }

    /// <inheritdoc/>
    /// <remarks>u xor v = v + u·(1 - 2v): P0 shares u, P2 sends u0·(1 - 2v) + q0 and P1 sends u1·(1 - 2v) + q1 to P0; slot 2 is v - q0 - q1. 24 bytes an element, 2 rounds.</remarks>
    public SharedTensor BitToArithmetic(SharedBits bits)
    {
        ArgumentNullException.ThrowIfNull(bits);
        int n = bits.Count;
        uint step = ++_step;
        if (Self == P0)
        {
            ulong[] u1 = Unpack(bits.Slots[0], bits.Slots[1], n);
            Ring64.Subtract(u1, _keyA.Elements(step, StreamPart.SplitSlot, n), u1);
            Send(P1, step, u1);
            return new SharedTensor(n, [Receive(P2, step, n), Receive(P1, step, n)]);
        }

        bool isP1 = Self == P1;
        PairwiseSeed key = isP1 ? _keyB : _keyA;
        ulong[] q0 = key.Elements(step, StreamPart.Mask0, n), q1 = key.Elements(step, StreamPart.Mask1, n);
        ulong[] own = isP1 ? q1 : q0;
        ulong[] last = Unpack(isP1 ? bits.Slots[1] : bits.Slots[0], null, n);
        ulong[] outer = isP1 ? Receive(P0, step, n) : _keyB.Elements(step, StreamPart.SplitSlot, n);
        for (int i = 0; i < n; i++)
        {
            outer[i] = (outer[i] * (1 - (2 * last[i]))) + own[i];
            last[i] -= q0[i] + q1[i];
        }

        Send(P0, step, outer);
        return new SharedTensor(n, isP1 ? [outer, last] : [last, outer]);
    }

    private static ulong[] Unpack(ulong[] plane, ulong[]? other, int n)
    {
        Debug.Assert(plane.Length == BitPlanes.Words(n));
        var bits = new ulong[n];
        for (int w = 0; w < plane.Length; w++)
        {
            ulong word = plane[w] ^ (other is null ? 0 : other[w]);
            int end = Math.Min(n, 64 * (w + 1));
            for (int i = 64 * w; i < end; i++, word >>= 1)
            {
                bits[i] = word & 1;
            }
        }

        return bits;
    }
}
