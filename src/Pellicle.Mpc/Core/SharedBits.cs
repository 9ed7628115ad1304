namespace Pellicle.Mpc.Core;

/// <summary>One party's part of n secret bits, in the form the protocol chose; only that protocol's operations can use it.</summary>
/// <remarks>The Boolean form packs 64 bits into a word, bit i of word j being element 64j + i; the arithmetic form has one ring element, 0 or 1, a bit.</remarks>
public sealed class SharedBits
{
    /// <summary>Wraps slots.</summary>
    /// <param name="count">n, the number of bits.</param>
    /// <param name="slots">Words or ring elements; not copied.</param>
    public SharedBits(int count, ulong[][] slots)
    {
        ArgumentNullException.ThrowIfNull(slots);
        Count = count;
        Slots = slots;
    }

    /// <summary>Number of bits n.</summary>
    public int Count { get; }

    /// <summary>The parts this party holds.</summary>
    internal ulong[][] Slots { get; private set; }

    /// <summary>True once the bits were opened under a mask of the party that helps (<c>masked</c>): bit = opened xor mask; P0 and P1 hold what was opened, P2 the mask.</summary>
    internal bool IsOpened { get; private set; }

    /// <summary>Takes the opened form in place of the shares.</summary>
    /// <param name="slots">Opened words, or words of the mask; none in a cost model.</param>
    internal void Open(params ulong[][] slots)
    {
        Slots = slots;
        IsOpened = true;
    }

    /// <summary>Kind and length; never values.</summary>
    public override string ToString() => $"part of {Count} shared bits";
}
