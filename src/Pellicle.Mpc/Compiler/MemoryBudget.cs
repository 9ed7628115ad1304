namespace Pellicle.Mpc.Compiler;

/// <summary>How many elements a layer may work on at once, so that the intermediate values of a comparison fit into a party's memory.</summary>
/// <remarks>The whole results of two neighbouring layers, the weights and the unfolded block of a convolution come on top: only what a layer adds to them can be cut into chunks.
/// Chunks run one after the other, so each costs the rounds of the layer again; <c>mpc plan</c> counts them.</remarks>
public static class MemoryBudget
{
    /// <summary>Fewest elements of a chunk: one word of every bit plane.</summary>
    public const int FewestElements = 64;

    // Counted at P0 in a sign and a selection of replicated3: 14 ring elements, about 6 more in bit planes of 24 bits, and up to 4 in frames that are being sent.
    private const int BytesPerElement = 24 * sizeof(ulong);

    /// <summary>Elements of a chunk for a budget.</summary>
    /// <param name="bytes">Memory for intermediate values, at least 1 MB.</param>
    public static int ChunkElements(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes, 1_000_000);
        return (int)Math.Min(int.MaxValue, Math.Max(FewestElements, bytes / BytesPerElement / FewestElements * FewestElements));
    }
}
