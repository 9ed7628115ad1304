namespace Pellicle.Mpc.Core;

/// <summary>One of the three servers P0, P1, P2.</summary>
public readonly record struct PartyId
{
    /// <summary>Number of parties, P = 3.</summary>
    public const int Count = 3;

    /// <summary>Names a party.</summary>
    /// <param name="index">0, 1 or 2.</param>
    /// <exception cref="ArgumentOutOfRangeException">Another number.</exception>
    public PartyId(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        Index = index;
    }

    /// <summary>0, 1 or 2.</summary>
    public int Index { get; }

    /// <summary>Party i+1 modulo 3.</summary>
    public PartyId Next => new((Index + 1) % Count);

    /// <summary>Party i-1 modulo 3.</summary>
    public PartyId Previous => new((Index + 2) % Count);

    /// <summary>P0, P1, P2.</summary>
    public static IReadOnlyList<PartyId> All { get; } = [new(0), new(1), new(2)];

    /// <inheritdoc/>
    public override string ToString() => $"P{Index}";
}
