namespace Pellicle.Mpc.Core;

/// <summary>One party's part of n secret ring elements.</summary>
/// <remarks>A part is a number of slots: two for a holder of a replicated share (x_i, x_{i+1}), one for a holder of an additive share, none for a party
/// that only assists and for a cost estimate, which knows lengths and no values. Additions, index maps and multiplications by public numbers act on every slot alike, so they are written once here.
/// <para>A result may be <em>late</em>: one summand of its upper bits is still on its way (the truncation of <c>replicated3</c>). Every use but the sign takes it in first.</para></remarks>
public sealed class SharedTensor
{
    private readonly ulong[][] _slots;
    private ILateTerm? _late;
    private ulong[]? _slotSum;

    /// <summary>Wraps slots.</summary>
    /// <param name="count">n, the number of elements.</param>
    /// <param name="slots">Each of length n; not copied.</param>
    /// <param name="late">What is still to come, or null.</param>
    public SharedTensor(int count, ulong[][] slots, ILateTerm? late = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentNullException.ThrowIfNull(slots);
        if (Array.Exists(slots, slot => slot.Length != count))
        {
            throw new ArgumentException($"Slots of {string.Join(" and ", slots.Select(s => s.Length))} elements; expected {count}.", nameof(slots));
        }

        Count = count;
        _slots = slots;
        _late = late;
    }

    /// <summary>Number of elements n.</summary>
    public int Count { get; }

    /// <summary>Of a weight that was opened under a mask when it was shared (<c>securenn</c>): the opened values, or the mask at the party that knows it; otherwise null. A result has none.</summary>
    public ulong[]? Masked { get; init; }

    /// <summary>Where results of local operations on this tensor get their memory; null: from the heap.</summary>
    internal RingBuffers? Buffers { get; init; }

    /// <summary>Number of slots this party holds.</summary>
    public int SlotCount => _slots.Length;

    /// <summary>True while a summand of the upper bits is missing.</summary>
    public bool IsLate => _late is { IsSettled: false };

    /// <summary>The elements of one slot, complete.</summary>
    /// <param name="slot">0 or 1: position in this party's part.</param>
    public ulong[] Slot(int slot)
    {
        Settle();
        return _slots[slot];
    }

    /// <summary>The elements of one slot; the upper bits may be missing while <see cref="IsLate"/>.</summary>
    /// <param name="slot">0 or 1: position in this party's part.</param>
    public ulong[] LowBits(int slot) => _slots[slot];

    /// <summary>Takes in the missing summand, if one is on its way.</summary>
    public void Settle()
    {
        _late?.Settle();
        _late = null;
    }

    /// <summary>Sum of the first two slots, kept: for weights, which every prediction uses again.</summary>
    public ulong[] SlotSum()
    {
        if (_slotSum is null)
        {
            var sum = new ulong[Count];
            Ring64.Add(Slot(0), Slot(1), sum);
            _slotSum = sum;
        }

        return _slotSum;
    }

    /// <summary>Applies the same linear map to every slot.</summary>
    /// <param name="count">Elements of the result.</param>
    /// <param name="map">From a slot to the slot of the result, which it must fill.</param>
    public SharedTensor Map(int count, Action<ulong[], ulong[]> map)
    {
        ArgumentNullException.ThrowIfNull(map);
        Settle();
        var slots = new ulong[_slots.Length][];
        for (int s = 0; s < slots.Length; s++)
        {
            slots[s] = Buffers?.Rent(count) ?? GC.AllocateUninitializedArray<ulong>(count);
            map(_slots[s], slots[s]);
        }

        return new SharedTensor(count, slots) { Buffers = Buffers };
    }

    /// <summary>Sum, elementwise.</summary>
    /// <param name="other">As many elements.</param>
    public SharedTensor Add(SharedTensor other) => Combine(other, (a, b, r) => Ring64.Add(a, b, r));

    /// <summary>Difference, elementwise.</summary>
    /// <param name="other">As many elements.</param>
    public SharedTensor Subtract(SharedTensor other) => Combine(other, (a, b, r) => Ring64.Subtract(a, b, r));

    /// <summary>Product with one public integer.</summary>
    /// <param name="factor">A ring element.</param>
    public SharedTensor Scale(ulong factor) => Map(Count, (a, r) => Ring64.Scale(a, factor, r));

    /// <summary>Product with public integers, elementwise.</summary>
    /// <param name="factors">As many as elements.</param>
    public SharedTensor Scale(ulong[] factors)
    {
        ArgumentNullException.ThrowIfNull(factors);
        return Map(Count, (a, r) => Ring64.Multiply(a, factors, r));
    }

    /// <summary>Elements chosen by a public index map.</summary>
    /// <param name="indices">Positions in this tensor; -1 gives 0.</param>
    public SharedTensor Gather(int[] indices)
    {
        ArgumentNullException.ThrowIfNull(indices);
        return Map(indices.Length, (a, r) =>
        {
            for (int i = 0; i < r.Length; i++)
            {
                r[i] = indices[i] < 0 ? 0 : a[indices[i]];
            }
        });
    }

    /// <summary>A run of elements.</summary>
    /// <param name="start">First position.</param>
    /// <param name="count">How many.</param>
    public SharedTensor Slice(int start, int count) => Map(count, (a, r) => a.AsSpan(start, count).CopyTo(r));

    /// <summary>Sums of public groups: element i is added to position target[i].</summary>
    /// <param name="count">Elements of the result.</param>
    /// <param name="target">One position an element.</param>
    public SharedTensor Sum(int count, int[] target)
    {
        ArgumentNullException.ThrowIfNull(target);
        return Map(count, (a, r) =>
        {
            Array.Clear(r);
            for (int i = 0; i < a.Length; i++)
            {
                r[target[i]] += a[i];
            }
        });
    }

    /// <summary>One tensor after the other.</summary>
    /// <param name="parts">At least one; all of one party.</param>
    public static SharedTensor Concatenate(params IReadOnlyList<SharedTensor> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        foreach (SharedTensor part in parts)
        {
            part.Settle();
        }

        int count = parts.Sum(part => part.Count);
        var slots = new ulong[parts[0].SlotCount][];
        for (int s = 0; s < slots.Length; s++)
        {
            slots[s] = parts[0].Buffers?.Rent(count) ?? GC.AllocateUninitializedArray<ulong>(count);
            int start = 0;
            foreach (SharedTensor part in parts)
            {
                part._slots[s].CopyTo(slots[s], start);
                start += part.Count;
            }
        }

        return new SharedTensor(count, slots) { Buffers = parts[0].Buffers };
    }

    /// <summary>The same elements in memory of their own, which nobody takes back.</summary>
    public SharedTensor Copy()
    {
        Settle();
        return new SharedTensor(Count, [.. _slots.Select(slot => slot.ToArray())]);
    }

    /// <summary>Kind and length; never values.</summary>
    public override string ToString() => $"part of {Count} shared values ({SlotCount} slots)";

    private SharedTensor Combine(SharedTensor other, Action<ulong[], ulong[], ulong[]> combine)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.Count != Count)
        {
            throw new ArgumentException($"{other.Count} elements cannot be combined with {Count}.", nameof(other));
        }

        other.Settle();
        int slot = 0;
        return Map(Count, (a, r) => combine(a, other._slots[slot++], r));
    }
}
