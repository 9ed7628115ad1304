using Pellicle.Mpc.Kernels;

namespace Pellicle.Mpc.Protocols.Masked;

/// <summary>Where the planes of a carry lie: what P2 deals, and the wires that P0 and P1 open.</summary>
/// <remarks>The carry into bit 31 of opened + mask: eight leaves, of 4 bits each but for the last with 3; two groups of four leaves; then both groups.
/// Dealt: 7·15 + 7 monomials, 15 + 22 + 1 products of masks, 150 bits. Opened: 6 + 7 wires, then 2.</remarks>
internal static class CarryMaterial
{
    /// <summary>Bits that take part in a sign.</summary>
    public const int SignBits = 32;

    /// <summary>Leaves.</summary>
    public const int Leaves = 8;

    /// <summary>Leaves of a group.</summary>
    public const int LeavesOfGroup = 4;

    /// <summary>Planes of a leaf's monomials.</summary>
    public const int LeafPlanes = (1 << MaskedLeaf.MostBits) - 1;

    /// <summary>Wires of both groups.</summary>
    public const int Wires = 13;

    /// <summary>Wires of the last level: propagate of the upper group, generate of the lower one.</summary>
    public const int TopWires = 2;

    /// <summary>Planes in all.</summary>
    public static int Planes { get; } = ProductsOf(2) + MaskedPrefix.Products(1, 1);

    /// <summary>Bits of a leaf.</summary>
    /// <param name="leaf">0 to 7, lowest first.</param>
    public static int BitsOf(int leaf) => leaf == Leaves - 1 ? MaskedLeaf.MostBits - 1 : MaskedLeaf.MostBits;

    /// <summary>Followers of a group: generate of the three lower leaves; propagate of the lowest leaf only in the upper group, whose propagate is needed.</summary>
    /// <param name="group">0 or 1.</param>
    public static int FollowersOf(int group) => 3 + group;

    /// <summary>First wire of a group.</summary>
    /// <param name="group">0 or 1.</param>
    public static int WiresOf(int group) => group * (MaskedPrefix.MostHeads + FollowersOf(0));

    /// <summary>First plane of a group's products; of 2: of the last level.</summary>
    /// <param name="group">0, 1 or 2.</param>
    public static int ProductsOf(int group)
    {
        int start = ((Leaves - 1) * LeafPlanes) + (1 << BitsOf(Leaves - 1)) - 1;
        for (int g = 0; g < group; g++)
        {
            start += MaskedPrefix.Products(MaskedPrefix.MostHeads, FollowersOf(g));
        }

        return start;
    }

    /// <summary>One word of several planes.</summary>
    /// <param name="planes">[plane, words].</param>
    /// <param name="first">First plane.</param>
    /// <param name="words">Words of a plane.</param>
    /// <param name="word">Which one.</param>
    /// <param name="column">One a plane, overwritten.</param>
    public static Span<ulong> Column(ReadOnlySpan<ulong> planes, int first, int words, int word, Span<ulong> column)
    {
        for (int i = 0; i < column.Length; i++)
        {
            column[i] = planes[((first + i) * words) + word];
        }

        return column;
    }

    /// <summary>What P2 deals.</summary>
    /// <param name="mask">b, one an element.</param>
    /// <param name="wireMasks">[Wires, words].</param>
    /// <param name="topMasks">[TopWires, words].</param>
    /// <param name="material">[Planes, words], overwritten.</param>
    /// <returns>Bit 31 of the mask, [words].</returns>
    public static ulong[] Make(ReadOnlySpan<ulong> mask, ReadOnlySpan<ulong> wireMasks, ReadOnlySpan<ulong> topMasks, Span<ulong> material)
    {
        int words = BitPlanes.Words(mask.Length);
        var planes = new ulong[SignBits * words];
        BitPlanes.Slice(mask, SignBits, planes);
        Span<ulong> from = stackalloc ulong[MaskedPrefix.MostHeads + FollowersOf(1)], to = stackalloc ulong[32];
        for (int w = 0; w < words; w++)
        {
            for (int leaf = 0; leaf < Leaves; leaf++)
            {
                int bits = BitsOf(leaf);
                MaskedLeaf.Monomials(Column(planes, MaskedLeaf.MostBits * leaf, words, w, from[..bits]), to);
                Put(to[..((1 << bits) - 1)], material, LeafPlanes * leaf, words, w);
            }

            for (int group = 0; group < 2; group++)
            {
                int wires = MaskedPrefix.MostHeads + FollowersOf(group);
                MaskedPrefix.MultiplyMasks(Column(wireMasks, WiresOf(group), words, w, from[..wires]), MaskedPrefix.MostHeads, to);
                Put(to[..(ProductsOf(group + 1) - ProductsOf(group))], material, ProductsOf(group), words, w);
            }

            MaskedPrefix.MultiplyMasks(Column(topMasks, 0, words, w, from[..TopWires]), 1, to);
            Put(to[..1], material, ProductsOf(2), words, w);
        }

        return planes[((SignBits - 1) * words)..];
    }

    private static void Put(ReadOnlySpan<ulong> column, Span<ulong> planes, int first, int words, int word)
    {
        for (int i = 0; i < column.Length; i++)
        {
            planes[((first + i) * words) + word] = column[i];
        }
    }
}
