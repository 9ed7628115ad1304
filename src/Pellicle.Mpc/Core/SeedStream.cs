using Pellicle.Mpc.Kernels;

namespace Pellicle.Mpc.Core;

/// <summary>One random stream of a <see cref="PairwiseSeed"/>, read at any place: what an element draws depends on its number and not on what was drawn before.</summary>
/// <remarks>Whoever opens a stream reads each place once: a mask is used once.</remarks>
internal readonly struct SeedStream(AesCounterBlocks? fast, AesCounterLibrary? library, ulong nonce)
{
    /// <summary>Draws bytes.</summary>
    /// <param name="block">Number of the first block of 16 bytes.</param>
    /// <param name="destination">Filled.</param>
    public void Fill(ulong block, Span<byte> destination)
    {
        if (fast is not null)
        {
            fast.Fill(nonce, destination, block);
        }
        else
        {
            library!.Fill(nonce, destination, block);
        }
    }

    /// <summary>Kind only.</summary>
    public override string ToString() => "stream of a pairwise seed";
}
