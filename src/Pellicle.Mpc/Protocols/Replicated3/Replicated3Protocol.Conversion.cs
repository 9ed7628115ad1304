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
        ulong[] u = Unpacked(bits.Slots[0], bits.Slots[1], n), y1 = _buffers.Rent(n);
        ulong[] mask = Borrow(_keyA, step, StreamPart.SplitSlot, n);
        Ring64.Subtract(u, mask, y1);
        Send(P1, step, y1);
        ulong[] h0 = mask, h1 = _buffers.Rent(n), w = _buffers.Rent(n);
        Receive(P2, step, h0);
        Receive(P1, step, h1);
        ulong[] y0 = Borrow(_keyA, step, StreamPart.Product, n);

        // y1 = u·(x0 + x1 - 2·(h0 + h1)) - y0
        Ring64.Add(h0, h1, w);
        Ring64.Scale(w, MinusTwo, w);
        Ring64.Add(w, x.Slot(0), w);
        Ring64.Add(w, x.Slot(1), w);
        Ring64.Multiply(u, w, y1);
        Ring64.Subtract(y1, y0, y1);
        Send(P1, step, y1);
        Ring64.Add(y0, h0, y0);
        Ring64.Add(y1, h1, y1);
        Receive(P2, step, w);
        Ring64.Add(y0, w, y0);
        Receive(P1, step, w);
        Ring64.Add(y1, w, y1);
        _buffers.Return(u, h0, h1, w);
        return Result(y0, y1);
    }

    // P1 holds slots (1, 2), P2 holds (2, 0): "outer" is the slot shared with P0.
    private SharedTensor SelectAtHolders(SharedBits bits, SharedTensor x, uint step)
    {
        bool isP1 = Self == P1;
        int n = x.Count;
        PairwiseSeed key = isP1 ? _keyB : _keyA;
        ulong[] r0 = Borrow(key, step, StreamPart.Mask0, n), r1 = Borrow(key, step, StreamPart.Mask1, n);
        ulong[] v = Unpacked(isP1 ? bits.Slots[1] : bits.Slots[0], [], n);
        ulong[] outer = isP1 ? x.Slot(0) : x.Slot(1), last = isP1 ? x.Slot(1) : x.Slot(0);
        ulong[] h = _buffers.Rent(n), hLast = _buffers.Rent(n);
        Ring64.Multiply(v, outer, h);
        Ring64.Add(h, isP1 ? r1 : r0, h);
        Send(P0, step, h);
        Ring64.Multiply(v, last, hLast);
        Ring64.Subtract(hLast, r0, hLast);
        Ring64.Subtract(hLast, r1, hLast);

        // y = u·(last - 2·hLast) + q
        ulong[] q0 = Borrow(key, step, StreamPart.Mask2, n), q1 = Borrow(key, step, StreamPart.Mask3, n), w = v;
        Ring64.Scale(hLast, MinusTwo, w);
        Ring64.Add(w, last, w);
        ulong[] u = r0;
        if (isP1)
        {
            Receive(P0, step, u);
        }
        else
        {
            _keyB.Fill(step, StreamPart.SplitSlot, Bytes(u));
        }

        ulong[] y = _buffers.Rent(n);
        Ring64.Multiply(u, w, y);
        Ring64.Add(y, isP1 ? q1 : q0, y);
        Send(P0, step, y);
        Ring64.Subtract(hLast, q0, hLast);
        Ring64.Subtract(hLast, q1, hLast);
        Ring64.Add(y, h, y);
        if (isP1)
        {
            Receive(P0, step, u);
        }
        else
        {
            _keyB.Fill(step, StreamPart.Product, Bytes(u));
        }

        Ring64.Add(y, u, y);
        _buffers.Return(r0, r1, q0, q1, v, h);
        return isP1 ? Result(y, hLast) : Result(hLast, y);
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
            ulong[] u1 = Unpacked(bits.Slots[0], bits.Slots[1], n);
            ulong[] u0 = Borrow(_keyA, step, StreamPart.SplitSlot, n);
            Ring64.Subtract(u1, u0, u1);
            Send(P1, step, u1);
            _buffers.Return(u0, u1);
            ulong[] from2 = Borrow(P2, step, n);
            return Result(from2, Borrow(P1, step, n));
        }

        bool isP1 = Self == P1;
        PairwiseSeed key = isP1 ? _keyB : _keyA;
        ulong[] q0 = Borrow(key, step, StreamPart.Mask0, n), q1 = Borrow(key, step, StreamPart.Mask1, n);
        ulong[] own = isP1 ? q1 : q0;
        ulong[] last = Unpacked(isP1 ? bits.Slots[1] : bits.Slots[0], [], n);
        ulong[] outer = isP1 ? Borrow(P0, step, n) : Borrow(_keyB, step, StreamPart.SplitSlot, n);
        for (int i = 0; i < n; i++)
        {
            outer[i] = (outer[i] * (1 - (2 * last[i]))) + own[i];
            last[i] -= q0[i] + q1[i];
        }

        Send(P0, step, outer);
        _buffers.Return(q0, q1);
        return isP1 ? Result(outer, last) : Result(last, outer);
    }

    // -2 modulo 2^64.
    private const ulong MinusTwo = ulong.MaxValue - 1;

    // The bits of a plane, or of the XOR of two, in a buffer that may be given back.
    private ulong[] Unpacked(ulong[] plane, ReadOnlySpan<ulong> other, int n)
    {
        ulong[] bits = _buffers.Rent(n);
        BitPlanes.Unpack(plane, other, bits);
        return bits;
    }
}
