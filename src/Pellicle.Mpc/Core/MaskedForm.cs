namespace Pellicle.Mpc.Core;

/// <summary>A second form of a secret tensor: the value opened under a mask, x = opened + mask modulo 2^Bits. P0 and P1 hold what was opened, P2 the mask, a cost model neither.</summary>
/// <remarks>The form is a sum, so every linear map acts on both summands alike. After a truncation by f bits it holds modulo 2^(64-f), and one more bit of each side makes it exact:
/// x = opened + mask + wrap(opened) · wrap(mask) · 2^(64-f). Index maps keep that bit; sums and multiples lose it.</remarks>
internal sealed class MaskedForm
{
    /// <summary>Bits of a form that is exact.</summary>
    public const int ExactBits = 64;

    /// <summary>Wraps a form.</summary>
    /// <param name="bits">32 to 64.</param>
    /// <param name="values">This party's summand of each element; null in a cost model.</param>
    public MaskedForm(int bits, ulong[]? values)
    {
        Bits = bits;
        Values = values;
    }

    /// <summary>The form holds modulo 2^Bits.</summary>
    public int Bits { get; }

    /// <summary>True if it holds in the whole ring.</summary>
    public bool IsExact => Bits == ExactBits;

    /// <summary>What was opened, or the mask; null in a cost model.</summary>
    public ulong[]? Values { get; }

    /// <summary>True if the bits that make a truncated form exact are known.</summary>
    public bool HasWraps { get; init; }

    /// <summary>This party's bits, 0 or 1; null in a cost model.</summary>
    public ulong[]? Wraps { get; init; }

    /// <summary>The form of a linear map's result.</summary>
    /// <param name="count">Elements of the result.</param>
    /// <param name="map">From an array to the array of the result, which it must fill.</param>
    public MaskedForm Map(int count, Action<ulong[], ulong[]> map) => new(Bits, Mapped(Values, count, map));

    /// <summary>The form of elements chosen by a public index map.</summary>
    /// <param name="count">Elements of the result.</param>
    /// <param name="map">From an array to the array of the result, which it must fill.</param>
    public MaskedForm Rearrange(int count, Action<ulong[], ulong[]> map) =>
        new(Bits, Mapped(Values, count, map)) { HasWraps = HasWraps, Wraps = Mapped(Wraps, count, map) };

    /// <summary>The form of a public constant added to the opened side.</summary>
    /// <param name="values">n public elements.</param>
    public MaskedForm Add(ulong[] values)
    {
        ulong[]? sum = Mapped(Values, values.Length, (a, r) => Ring64.Add(a, values, r));
        return new MaskedForm(Bits, sum) { HasWraps = HasWraps, Wraps = Wraps };
    }

    /// <summary>The form of a sum or difference; null unless both have one.</summary>
    /// <param name="a">Of the first tensor.</param>
    /// <param name="b">Of the second one, of as many elements.</param>
    /// <param name="count">Elements.</param>
    /// <param name="combine">From two arrays to the array of the result.</param>
    public static MaskedForm? Combine(MaskedForm? a, MaskedForm? b, int count, Action<ulong[], ulong[], ulong[]> combine) =>
        a is null || b is null ? null : new MaskedForm(Math.Min(a.Bits, b.Bits), Mapped(a.Values, count, (values, r) => combine(values, b.Values!, r)));

    /// <summary>The form of one tensor after the other; null unless all have one.</summary>
    /// <param name="parts">At least one.</param>
    public static MaskedForm? Concatenate(IReadOnlyList<MaskedForm?> parts)
    {
        if (parts.Contains(null))
        {
            return null;
        }

        MaskedForm first = parts[0]!;
        bool keepsWraps = parts.All(part => part!.HasWraps && part.Bits == first.Bits);
        return new MaskedForm(parts.Min(part => part!.Bits), Joined(parts.Select(part => part!.Values)))
        {
            HasWraps = keepsWraps,
            Wraps = keepsWraps ? Joined(parts.Select(part => part!.Wraps)) : null,
        };
    }

    /// <summary>Kind only; never values.</summary>
    public override string ToString() => $"masked form modulo 2^{Bits}";

    private static ulong[]? Mapped(ulong[]? values, int count, Action<ulong[], ulong[]> map)
    {
        if (values is null)
        {
            return null;
        }

        ulong[] result = GC.AllocateUninitializedArray<ulong>(count);
        map(values, result);
        return result;
    }

    private static ulong[]? Joined(IEnumerable<ulong[]?> parts) => parts.Contains(null) ? null : [.. parts.SelectMany(part => part!)];
}
