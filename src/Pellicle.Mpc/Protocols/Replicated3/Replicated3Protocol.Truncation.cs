using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Kernels;

namespace Pellicle.Mpc.Protocols.Replicated3;

/// <content>Truncation without a failure probability.</content>
/// <remarks>z = z0 + z1 + z2, |z| &lt; 2^62. P1 and P2 swap z1, z2, so both know B = z1 + z2; P0 knows A = z0 + 2^62, and A + B as an integer is z + 2^62, plus 2^64
/// if the sum wrapped, which it did exactly if the top bit of A or of B is set (z + 2^62 is below 2^63): w = a + b - ab. Hence, within one unit,
/// z / 2^f = (A >> f) + (B >> f) - 2^(62-f) - w · 2^(64-f). P0 and P1, P2 can compute all but the term ab · 2^(64-f), which matters only modulo 2^f: the product of
/// two private bits in lanes of 16 bits (32 if f is above 16). It reaches P0 with the next message, and the low 64-f bits of the result do not depend on it,
/// so a sign can start before it has come.
/// <para>Cost per element: 24 bytes and 3 lanes, 1 round; P0 takes in the late term at depth 2.</para></remarks>
public sealed partial class Replicated3Protocol
{
    private readonly Queue<LateLanes> _late = new();

    private SharedTensor Truncated<TLane>(ulong[] z, int f, uint step)
        where TLane : unmanaged, IBinaryInteger<TLane> => Self.Index switch
        {
            0 => TruncateAtP0<TLane>(z, f, step),
            1 => TruncateAtP1<TLane>(z, f, step),
            _ => TruncateAtP2<TLane>(z, f, step),
        };

    private SharedTensor TruncateAtP0<TLane>(ulong[] z, int f, uint step)
        where TLane : unmanaged, IBinaryInteger<TLane>
    {
        int n = z.Length;
        ulong[] x0 = Borrow(_keyA, step, StreamPart.SplitSlot, n), x1 = _buffers.Rent(n);
        ulong[] lane0 = BorrowLanes<TLane>(_keyA, step, StreamPart.WrapLane, n), lane1 = RentLanes<TLane>(n);
        WrapLanes.ShareTopBits(z, Lanes<TLane>(lane0, n), Lanes<TLane>(lane1, n));
        WrapLanes.ShiftAndSplit(z, x0, x1, f);
        Send(P1, step, x1);
        _network.Send<TLane>(P1, step, Lanes<TLane>(lane1, n));
        _buffers.Return(z, lane0, lane1);
        var late = new LateLanes(this, [x0, x1], () =>
        {
            ulong[] lanes = RentLanes<TLane>(n);
            _network.Receive(P2, step, Lanes<TLane>(lanes, n));
            WrapLanes.Add(Lanes<TLane>(lanes, n), x0, f);
            _network.Receive(P1, step, Lanes<TLane>(lanes, n));
            WrapLanes.Add(Lanes<TLane>(lanes, n), x1, f);
            _buffers.Return(lanes);
        });
        _late.Enqueue(late);
        return new SharedTensor(n, [x0, x1], late) { Buffers = _buffers };
    }

    private SharedTensor TruncateAtP1<TLane>(ulong[] z, int f, uint step)
        where TLane : unmanaged, IBinaryInteger<TLane>
    {
        int n = z.Length;
        Send(P2, step, z);
        ulong[] sum = Borrow(P2, step, n);
        Ring64.Add(sum, z, sum);
        _buffers.Return(z);
        ulong[] x1 = Borrow(P0, step, n), lane = RentLanes<TLane>(n);
        _network.Receive(P0, step, Lanes<TLane>(lane, n));
        FinishAtHolder<TLane>(_keyB, StreamPart.LaneMask1, sum, lane, x1, f, step);
        return Result(x1, sum);
    }

    private SharedTensor TruncateAtP2<TLane>(ulong[] z, int f, uint step)
        where TLane : unmanaged, IBinaryInteger<TLane>
    {
        int n = z.Length;
        Send(P1, step, z);
        ulong[] sum = Borrow(P1, step, n);
        Ring64.Add(sum, z, sum);
        _buffers.Return(z);
        ulong[] x0 = Borrow(_keyB, step, StreamPart.SplitSlot, n), lane = BorrowLanes<TLane>(_keyB, step, StreamPart.WrapLane, n);
        FinishAtHolder<TLane>(_keyA, StreamPart.LaneMask0, sum, lane, x0, f, step);
        return Result(sum, x0);
    }

    // P1 and P2: their summand of ab, lane = a_share · b + mask, for P0 and for the slot shared with P0; and slot 2, which both compute alike:
    // B becomes t' = (B >> f) - (b + r0 + r1) · 2^(64-f).
    private void FinishAtHolder<TLane>(PairwiseSeed key, uint ownMask, ulong[] sum, ulong[] lane, ulong[] outer, int f, uint step)
        where TLane : unmanaged, IBinaryInteger<TLane>
    {
        int n = sum.Length;
        ulong[] r0 = BorrowLanes<TLane>(key, step, StreamPart.LaneMask0, n), r1 = BorrowLanes<TLane>(key, step, StreamPart.LaneMask1, n);
        WrapLanes.MultiplyByTop(sum, Lanes<TLane>(ownMask == StreamPart.LaneMask0 ? r0 : r1, n), Lanes<TLane>(lane, n));
        _network.Send<TLane>(P0, step, Lanes<TLane>(lane, n));
        WrapLanes.Add(Lanes<TLane>(lane, n), outer, f);
        WrapLanes.Finish(sum, Lanes<TLane>(r0, n), Lanes<TLane>(r1, n), f);
        _buffers.Return(lane, r0, r1);
    }

    private void SettleLate()
    {
        while (_late.TryDequeue(out LateLanes? next))
        {
            next.Receive();
        }
    }

    // Lanes lie in buffers of ring elements, as many as are needed.
    private ulong[] RentLanes<TLane>(int n)
        where TLane : unmanaged => _buffers.Rent((int)((((long)n * Unsafe.SizeOf<TLane>()) + sizeof(ulong) - 1) / sizeof(ulong)));

    private static Span<TLane> Lanes<TLane>(ulong[] buffer, int n)
        where TLane : unmanaged => MemoryMarshal.Cast<ulong, TLane>(buffer.AsSpan())[..n];

    private ulong[] BorrowLanes<TLane>(PairwiseSeed key, uint step, uint part, int n)
        where TLane : unmanaged
    {
        ulong[] lanes = RentLanes<TLane>(n);
        key.Fill(step, part, MemoryMarshal.AsBytes(Lanes<TLane>(lanes, n)));
        return lanes;
    }

    private sealed class LateLanes(Replicated3Protocol protocol, ulong[][] slots, Action receive) : ILateTerm
    {
        /// <summary>Written to when the lanes come.</summary>
        public IReadOnlyList<ulong[]> Slots => slots;

        public bool IsSettled { get; private set; }

        public void Settle()
        {
            if (!IsSettled)
            {
                protocol.SettleLate();
            }
        }

        public void Receive()
        {
            IsSettled = true;
            receive();
        }
    }
}
