using System.Numerics;
using System.Runtime.InteropServices;
using Pellicle.Mpc.Core;

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
        where TLane : unmanaged, IBinaryInteger<TLane>
    {
        int n = z.Length, up = 64 - f;
        return Self.Index switch
        {
            0 => TruncateAtP0<TLane>(z, n, f, up, step),
            1 => TruncateAtP1<TLane>(z, n, f, up, step),
            _ => TruncateAtP2<TLane>(z, n, f, up, step),
        };
    }

    private SharedTensor TruncateAtP0<TLane>(ulong[] z, int n, int f, int up, uint step)
        where TLane : unmanaged, IBinaryInteger<TLane>
    {
        ulong[] x0 = _keyA.Elements(step, StreamPart.SplitSlot, n), x1 = GC.AllocateUninitializedArray<ulong>(n);
        TLane[] lane0 = Lanes<TLane>(_keyA, step, StreamPart.WrapLane, n), lane1 = GC.AllocateUninitializedArray<TLane>(n);
        for (int i = 0; i < lane1.Length; i++)
        {
            lane1[i] = unchecked(TLane.CreateTruncating((z[i] + (1UL << 62)) >> 63) - lane0[i]);
        }

        Span<Vector<ulong>> wide = Wide(x1);
        Span<Vector<ulong>> vz = Wide(z), vx0 = Wide(x0);
        var offset = new Vector<ulong>(1UL << 62);
        var less = new Vector<ulong>(1UL << (62 - f));
        for (int i = 0; i < wide.Length; i++)
        {
            Vector<ulong> a = vz[i] + offset;
            wide[i] = (a >>> f) - less - ((a >>> 63) << up) - vx0[i];
        }

        for (int i = wide.Length * Vector<ulong>.Count; i < n; i++)
        {
            ulong a = z[i] + (1UL << 62);
            x1[i] = (a >> f) - (1UL << (62 - f)) - ((a >> 63) << up) - x0[i];
        }

        _buffers.Return(z);
        Send(P1, step, x1);
        _network.Send<TLane>(P1, step, lane1);
        var late = new LateLanes(this, () =>
        {
            AddLanes(_network.Receive<TLane>(P2, step, n), x0, up);
            AddLanes(_network.Receive<TLane>(P1, step, n), x1, up);
        });
        _late.Enqueue(late);
        return new SharedTensor(n, [x0, x1], late);
    }

    private SharedTensor TruncateAtP1<TLane>(ulong[] z, int n, int f, int up, uint step)
        where TLane : unmanaged, IBinaryInteger<TLane>
    {
        Send(P2, step, z);
        ulong[] sum = Receive(P2, step, n);
        Ring64.Add(sum, z, sum);
        _buffers.Return(z);
        ulong[] x1 = Receive(P0, step, n);
        TLane[] lane = _network.Receive<TLane>(P0, step, n);
        TLane[] r0 = Lanes<TLane>(_keyB, step, StreamPart.LaneMask0, n), r1 = Lanes<TLane>(_keyB, step, StreamPart.LaneMask1, n);
        MultiplyByTop(sum, r1, lane);
        _network.Send<TLane>(P0, step, lane);
        AddLanes(lane, x1, up);
        FinishLastSlot(sum, r0, r1, f, up);
        return new SharedTensor(n, [x1, sum]);
    }

    private SharedTensor TruncateAtP2<TLane>(ulong[] z, int n, int f, int up, uint step)
        where TLane : unmanaged, IBinaryInteger<TLane>
    {
        Send(P1, step, z);
        ulong[] sum = Receive(P1, step, n);
        Ring64.Add(sum, z, sum);
        _buffers.Return(z);
        ulong[] x0 = _keyB.Elements(step, StreamPart.SplitSlot, n);
        TLane[] lane = Lanes<TLane>(_keyB, step, StreamPart.WrapLane, n);
        TLane[] r0 = Lanes<TLane>(_keyA, step, StreamPart.LaneMask0, n), r1 = Lanes<TLane>(_keyA, step, StreamPart.LaneMask1, n);
        MultiplyByTop(sum, r0, lane);
        _network.Send<TLane>(P0, step, lane);
        AddLanes(lane, x0, up);
        FinishLastSlot(sum, r0, r1, f, up);
        return new SharedTensor(n, [sum, x0]);
    }

    // lane = a_share · b + mask: this holder's summand of ab, for P0.
    private static void MultiplyByTop<TLane>(ulong[] sum, TLane[] mask, TLane[] lane)
        where TLane : unmanaged, IBinaryInteger<TLane>
    {
        for (int i = 0; i < lane.Length; i++)
        {
            lane[i] = unchecked((lane[i] * TLane.CreateTruncating(sum[i] >> 63)) + mask[i]);
        }
    }

    // B → t' = (B >> f) - (b + r0 + r1) · 2^(64-f), slot 2, which P1 and P2 compute alike.
    private static void FinishLastSlot<TLane>(ulong[] sum, TLane[] r0, TLane[] r1, int f, int up)
        where TLane : unmanaged, IBinaryInteger<TLane>
    {
        for (int i = 0; i < sum.Length; i++)
        {
            ulong lanes = (sum[i] >> 63) + ulong.CreateTruncating(r0[i]) + ulong.CreateTruncating(r1[i]);
            sum[i] = (sum[i] >> f) - (lanes << up);
        }
    }

    private static Span<Vector<ulong>> Wide(ulong[] values) => MemoryMarshal.Cast<ulong, Vector<ulong>>(values.AsSpan());

    private void SettleLate()
    {
        while (_late.TryDequeue(out LateLanes? next))
        {
            next.Receive();
        }
    }

    private static TLane[] Lanes<TLane>(PairwiseSeed key, uint step, uint part, int n)
        where TLane : unmanaged
    {
        TLane[] lanes = GC.AllocateUninitializedArray<TLane>(n);
        key.Fill(step, part, MemoryMarshal.AsBytes(lanes.AsSpan()));
        return lanes;
    }

    private static void AddLanes<TLane>(TLane[] lanes, ulong[] values, int up)
        where TLane : unmanaged, IBinaryInteger<TLane>
    {
        for (int i = 0; i < values.Length; i++)
        {
            values[i] += ulong.CreateTruncating(lanes[i]) << up;
        }
    }

    private sealed class LateLanes(Replicated3Protocol protocol, Action receive) : ILateTerm
    {
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
