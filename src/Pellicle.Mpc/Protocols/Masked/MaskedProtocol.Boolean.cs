using Pellicle.Mpc.Core;
using Pellicle.Mpc.Kernels;

namespace Pellicle.Mpc.Protocols.Masked;

/// <content>The sign, on the low 32 bits of x = E + b: bit 31 of E, of b, and the carry into it.</content>
/// <remarks>P0 and P1 know E, P2 knows b. P2 deals the monomials of b in leaves of 4 bits, so shares of generate and propagate of a leaf are local. Then two levels of products of opened bits
/// (<see cref="MaskedPrefix"/>): P0 and P1 open wires under masks, P2 has dealt the products of the masks. The last opening, of the result, waits for the first use of the bits: a selection opens
/// them together with its operand. Bit 31 of b becomes part of the mask of that opening, for only P2 knows it.
/// <para>Offline 150 bits an element (planes of 64 elements); online 13 and 2 wires and the result, 32 bits both ways; 3 rounds. An operand that comes from a truncation is opened already, and so are sums
/// and index maps of such; others are opened first, 16 bytes and 1 round.</para></remarks>
public sealed partial class MaskedProtocol
{
    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">A sign wider than 32 bits.</exception>
    public SharedBits IsNonNegative(SharedTensor x, int signWidth)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentOutOfRangeException.ThrowIfLessThan(signWidth, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(signWidth, CarryMaterial.SignBits);
        uint step = ++_step;
        if (x.Form is null)
        {
            Open(step, null, x);
        }

        int words = BitPlanes.Words(x.Count);
        return new SharedBits(x.Count, [IsHelper ? DealSign(x.Form!.Values!, words, step) : TakeSign(x.Form!.Values!, words, step)]);
    }

    private ulong[] DealSign(ulong[] mask, int words, uint step)
    {
        ulong[] wires = _dealer.XorOfMasks(step, StreamPart.LeafMasks, CarryMaterial.Wires * words), top = _dealer.XorOfMasks(step, StreamPart.GroupMasks, CarryMaterial.TopWires * words);
        var material = new ulong[CarryMaterial.Planes * words];
        ulong[] sign = CarryMaterial.Make(mask, wires, top, material);
        _dealer.DealBits(material, step, StreamPart.CarryMaterial);
        return sign;
    }

    private ulong[] TakeSign(ulong[] opened, int words, uint step)
    {
        var e = new ulong[CarryMaterial.SignBits * words];
        BitPlanes.Slice(opened, CarryMaterial.SignBits, e);
        ulong[] material = _dealer.Take(step, StreamPart.CarryMaterial, CarryMaterial.Planes * words);
        ulong[] wires = new ulong[CarryMaterial.Wires * words], upper = new ulong[2 * words], top = new ulong[CarryMaterial.TopWires * words], result = new ulong[words];
        for (int w = 0; w < words; w++)
        {
            EvaluateLeaves(e, material, wires, upper, words, w);
        }

        ulong[] wireMasks = OpenBits(wires, step, StreamPart.LeafMasks);
        for (int w = 0; w < words; w++)
        {
            EvaluateGroups(wires, wireMasks, material, upper, top, words, w);
        }

        ulong[] topMasks = OpenBits(top, step, StreamPart.GroupMasks);
        Span<ulong> opens = stackalloc ulong[CarryMaterial.TopWires], masks = stackalloc ulong[CarryMaterial.TopWires], product = stackalloc ulong[1], dealt = stackalloc ulong[1];
        for (int w = 0; w < words; w++)
        {
            CarryMaterial.Column(top, 0, words, w, opens);
            CarryMaterial.Column(topMasks, 0, words, w, masks);
            MaskedPrefix.Multiply(opens, masks, CarryMaterial.Column(material, CarryMaterial.ProductsOf(2), words, w, dealt), One, 1, product);

            // [x >= 0] = 1 + E31 + b31 + carry; b31 stays with P2.
            result[w] = upper[words + w] ^ product[0] ^ (One & ~e[((CarryMaterial.SignBits - 1) * words) + w]);
        }

        return result;
    }

    // This party's share of a plane of ones.
    private ulong One => _dealer.IsFirst ? ulong.MaxValue : 0;

    // upper: generate of the highest leaf of each group, which is added and so need not be opened.
    private void EvaluateLeaves(ulong[] e, ulong[] material, ulong[] wires, ulong[] upper, int words, int word)
    {
        Span<ulong> bits = stackalloc ulong[MaskedLeaf.MostBits], monomials = stackalloc ulong[CarryMaterial.LeafPlanes];
        for (int leaf = 0; leaf < CarryMaterial.Leaves; leaf++)
        {
            int count = CarryMaterial.BitsOf(leaf), group = leaf / CarryMaterial.LeavesOfGroup, fromTop = CarryMaterial.LeavesOfGroup - 1 - (leaf % CarryMaterial.LeavesOfGroup);
            (ulong generate, ulong propagate) = MaskedLeaf.Evaluate(
                CarryMaterial.Column(e, MaskedLeaf.MostBits * leaf, words, word, bits[..count]),
                CarryMaterial.Column(material, CarryMaterial.LeafPlanes * leaf, words, word, monomials[..((1 << count) - 1)]),
                One);
            int first = CarryMaterial.WiresOf(group), follower = first + MaskedPrefix.MostHeads;
            if (fromTop == 0)
            {
                upper[(group * words) + word] = generate;
            }
            else
            {
                wires[((follower + fromTop - 1) * words) + word] = generate;
            }

            if (fromTop < MaskedPrefix.MostHeads)
            {
                wires[((first + fromTop) * words) + word] = propagate;
            }
            else if (group == 1)
            {
                wires[((follower + fromTop) * words) + word] = propagate;
            }
        }
    }

    // Generate of a group: that of its highest leaf plus the products of heads and lower generates. upper becomes generate of the groups.
    private void EvaluateGroups(ulong[] wires, ulong[] wireMasks, ulong[] material, ulong[] upper, ulong[] top, int words, int word)
    {
        int most = MaskedPrefix.MostHeads + CarryMaterial.FollowersOf(1);
        Span<ulong> opened = stackalloc ulong[most], masks = stackalloc ulong[most], products = stackalloc ulong[32], results = stackalloc ulong[CarryMaterial.FollowersOf(1)];
        for (int group = 0; group < 2; group++)
        {
            int first = CarryMaterial.WiresOf(group), followers = CarryMaterial.FollowersOf(group), count = MaskedPrefix.MostHeads + followers, start = CarryMaterial.ProductsOf(group);
            MaskedPrefix.Multiply(
                CarryMaterial.Column(wires, first, words, word, opened[..count]),
                CarryMaterial.Column(wireMasks, first, words, word, masks[..count]),
                CarryMaterial.Column(material, start, words, word, products[..(CarryMaterial.ProductsOf(group + 1) - start)]),
                One, MaskedPrefix.MostHeads, results[..followers]);
            upper[(group * words) + word] ^= results[0] ^ results[1] ^ results[2];
        }

        top[word] = results[^1];
        top[words + word] = upper[word];
    }

    // Replaces shares by what was opened, and gives this party's shares of the masks.
    private ulong[] OpenBits(ulong[] shares, uint step, uint part)
    {
        ulong[] masks = _dealer.With2.Elements(step, part, shares.Length);
        BitPlanes.Xor(shares, masks, shares);
        BitPlanes.Xor(shares, Swap(step, shares), shares);
        return masks;
    }
}
