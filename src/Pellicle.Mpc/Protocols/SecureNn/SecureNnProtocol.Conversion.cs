using System.Runtime.InteropServices;
using Pellicle.Mpc.Core;

namespace Pellicle.Mpc.Protocols.SecureNn;

/// <content>DReLU(a) = 1 - ComputeMsb(ShareConvert(2a)), SecureNN algorithms 4 to 6. Doubling keeps a away from L - 1, which ShareConvert cannot take; |a| must be below 2^62.</content>
/// <remarks>Bits are plain integers 0 and 1 modulo 2^64, so a bit needs no conversion. 440 bytes an element and 8 rounds: ShareConvert 200 and 4, ComputeMsb 240 and 4. The sign width is not used: all 64 bits are compared.</remarks>
public sealed partial class SecureNnProtocol
{
    /// <inheritdoc/>
    public SharedBits IsNonNegative(SharedTensor x, int signWidth)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentOutOfRangeException.ThrowIfLessThan(signWidth, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(signWidth, 64);
        uint step = ++_step;
        if (IsHelper)
        {
            DealForMsb(step, x.Count);
            ToOddRing(x);
            HelpMsb(step, x.Count);
            return new SharedBits(x.Count, []);
        }

        MsbMaterial? material = null;
        SharedTensor converted = ToOddRing(x.Add(x), () => material = TakeForMsb(step, x.Count));
        ulong[] bits = ComputeMsb(converted.Slot(0), material!, step);
        ulong one = Self == P0 ? 1UL : 0;
        for (int i = 0; i < bits.Length; i++)
        {
            bits[i] = one - bits[i];
        }

        return new SharedBits(x.Count, [bits]);
    }

    /// <inheritdoc/>
    /// <remarks>One product without truncation: 40 bytes an element, 1 round.</remarks>
    public SharedTensor SelectShare(SharedBits bits, SharedTensor x)
    {
        ArgumentNullException.ThrowIfNull(bits);
        ArgumentNullException.ThrowIfNull(x);
        x.RequireCount(bits.Count, "selected tensor");
        return MultiplySum(new SharedTensor(bits.Count, bits.Slots), x, x.Count, null, 0);
    }

    /// <inheritdoc/>
    /// <remarks>Local.</remarks>
    public SharedTensor BitToArithmetic(SharedBits bits)
    {
        ArgumentNullException.ThrowIfNull(bits);
        return new SharedTensor(bits.Count, [.. bits.Slots.Select(slot => (ulong[])[.. slot])]);
    }

    // a modulo L → a modulo L - 1. With θ the carry of a_0 + a_1, a is a_0 + a_1 - θ·L, and L is 1. P2 sees x = a + r only; θ = β_0 + β_1 + δ - α - 1 + [x >= r].
    // meanwhile runs after the first message has left.
    internal SharedTensor ToOddRing(SharedTensor shares, Action? meanwhile = null)
    {
        int n = shares.Count;
        uint step = ++_step;
        if (IsHelper)
        {
            HelpConvert(step, n);
            return new SharedTensor(n, []);
        }

        ulong[] a = shares.Slot(0);
        ulong[] r0 = _dealer.Both.Elements(step, StreamPart.Mask0, n), r1 = _dealer.Both.Elements(step, StreamPart.Mask1, n), flip = Bits(_dealer.Both, step, StreamPart.Flip, n);
        ulong[] own = Self == P0 ? r0 : r1, masked = new ulong[n], theta = new ulong[n];
        ulong first = Self == P0 ? 1UL : 0;
        for (int i = 0; i < n; i++)
        {
            masked[i] = a[i] + own[i];
            ulong wraps = masked[i] < a[i] ? 1UL : 0; // β_j
            r0[i] += r1[i];
            ulong alpha = r0[i] < r1[i] ? 1UL : 0;
            theta[i] = OddRing.Subtract(wraps, first * (alpha + 1));
        }

        Send(P2, step, masked);
        _network.Flush(); // P2 goes on while the digits are made
        meanwhile?.Invoke();
        byte[] dealt = Self == P0 ? [] : _network.Receive<byte>(P2, step, checked(n * (Digits.PackedBytes + sizeof(ulong))));
        ulong[] delta = Self == P0 ? Odd(_dealer.With2.Elements(step, StreamPart.Wrap, n)) : MemoryMarshal.Cast<byte, ulong>(dealt.AsSpan(n * Digits.PackedBytes)).ToArray();
        SendBlinded(step, dealt.AsSpan(0, Self == P0 ? 0 : n * Digits.PackedBytes), i => new Comparand(r0[i] - 1, r0[i] == 0 ? 1UL : 0, flip[i]), n);
        ulong[] eta = Self == P0 ? Odd(_dealer.With2.Elements(step, StreamPart.Compared, n)) : Receive(P2, step, n);
        ulong[] zero = Odd(_dealer.Both.Elements(step, StreamPart.ZeroShare, n)), y = own;
        for (int i = 0; i < n; i++)
        {
            // η = η' xor η'': 2·η''·η' is 0 or 2η'.
            ulong twice = OddRing.Add(eta[i], eta[i]) & (0 - flip[i]);
            ulong one = (1 - first) & flip[i];
            ulong carry = OddRing.Add(OddRing.Add(theta[i], delta[i]), OddRing.Subtract(OddRing.Add(eta[i], one), twice));
            ulong share = OddRing.Subtract(OddRing.Reduce(a[i]), carry);
            y[i] = Self == P0 ? OddRing.Add(share, zero[i]) : OddRing.Subtract(share, zero[i]);
        }

        return new SharedTensor(n, [y]);
    }

    private void HelpConvert(uint step, int n)
    {
        ulong[] x = Receive(P0, step, n), x1 = Receive(P1, step, n), delta = Odd(_dealer.With0.Elements(step, StreamPart.Wrap, n));
        for (int i = 0; i < n; i++)
        {
            x[i] += x1[i];
            delta[i] = OddRing.Subtract(x[i] < x1[i] ? 1UL : 0, delta[i]);
        }

        _network.Send<byte>(P1, step, [.. ShareBits(x, step), .. MemoryMarshal.AsBytes(delta.AsSpan())]);
        ulong[] eta = ReceiveComparisons(step, n), eta0 = Odd(_dealer.With0.Elements(step, StreamPart.Compared, n));
        for (int i = 0; i < n; i++)
        {
            eta[i] = OddRing.Subtract(eta[i], eta0[i]);
        }

        Send(P1, step, eta);
    }

    // a modulo L - 1 → its top bit modulo L. The top bit of a is the low bit of 2a = ρ - x modulo the odd L - 1, where P2 knows x: ρ[0] xor x[0], flipped by a wrap, x > ρ.
    private ulong[] ComputeMsb(ulong[] a, MsbMaterial material, uint step)
    {
        int n = a.Length;
        ulong[] rho = new ulong[n], flip = Bits(_dealer.Both, step, StreamPart.Flip, n), mask = Odd(_dealer.With2.Elements(step, StreamPart.Mask0, n));
        for (int i = 0; i < n; i++)
        {
            rho[i] = OddRing.Add(OddRing.Add(a[i], a[i]), mask[i]);
        }

        Send(Other, step, rho);
        ulong[] other = Receive(Other, step, n);
        for (int i = 0; i < n; i++)
        {
            rho[i] = OddRing.Add(rho[i], OddRing.Reduce(other[i]));
        }

        SendBlinded(step, material.Bits, i => new Comparand(rho[i], 0, flip[i]), n);
        ulong[] gamma = _dealer.Take(step, StreamPart.Compared, n), lambda = material.LowBit;
        ulong second = Self == P1 ? 1UL : 0;
        for (int i = 0; i < n; i++)
        {
            gamma[i] = gamma[i] + (second * flip[i]) - (2 * flip[i] * gamma[i]);
            ulong low = rho[i] & 1;
            lambda[i] = lambda[i] + (second * low) - (2 * low * lambda[i]);
        }

        ulong[] product = Multiply(gamma, lambda, () => material.Product, null, step);
        for (int i = 0; i < n; i++)
        {
            gamma[i] = gamma[i] + lambda[i] - (2 * product[i]);
        }

        AddZeroShare(gamma, step, StreamPart.ZeroShareOfProduct);
        return gamma;
    }

    private void HelpMsb(uint step, int n) => _dealer.Deal(ReceiveComparisons(step, n), step, StreamPart.Compared);

    // P2 ahead of time: bits of x modulo 67, its low bit and a product of masks modulo 2^64, in one message to P1.
    private void DealForMsb(uint step, int n)
    {
        ulong[] x = Odd(_dealer.With0.Elements(step, StreamPart.Mask0, n)), x1 = Odd(_dealer.With1.Elements(step, StreamPart.Mask0, n));
        ulong[] low = new ulong[n], product = ProductOfMasks(n, n, null, step);
        for (int i = 0; i < n; i++)
        {
            x[i] = OddRing.Add(x[i], x1[i]);
            low[i] = x[i] & 1;
        }

        Ring64.Subtract(low, _dealer.With0.Elements(step, StreamPart.LowBit, n), low);
        Ring64.Subtract(product, _dealer.With0.Elements(step, StreamPart.Product, n), product);
        _network.Send<byte>(P1, step, [.. ShareBits(x, step), .. MemoryMarshal.AsBytes(low.AsSpan()), .. MemoryMarshal.AsBytes(product.AsSpan())]);
    }

    private MsbMaterial TakeForMsb(uint step, int n)
    {
        if (Self == P0)
        {
            return new MsbMaterial([], _dealer.With2.Elements(step, StreamPart.LowBit, n), _dealer.With2.Elements(step, StreamPart.Product, n));
        }

        byte[] message = _network.Receive<byte>(P2, step, checked(n * (Digits.PackedBytes + (2 * sizeof(ulong)))));
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(message.AsSpan(n * Digits.PackedBytes));
        return new MsbMaterial(message[..(n * Digits.PackedBytes)], words[..n].ToArray(), words[n..].ToArray());
    }

    private static ulong[] Odd(ulong[] words)
    {
        for (int i = 0; i < words.Length; i++)
        {
            words[i] = OddRing.Reduce(words[i]);
        }

        return words;
    }

    private sealed record MsbMaterial(byte[] Bits, ulong[] LowBit, ulong[] Product)
    {
        public override string ToString() => "material of a top bit";
    }
}
