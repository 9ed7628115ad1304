using System.Collections;
using System.Runtime.CompilerServices;

namespace Pellicle.Training.Configuration;

/// <summary>Immutable list of setting values that compares by content, so that configurations compare by content.</summary>
/// <typeparam name="T">Type of a value.</typeparam>
[CollectionBuilder(typeof(SettingList), nameof(SettingList.Create))]
public sealed class SettingList<T> : IReadOnlyList<T>, IEquatable<SettingList<T>>
{
    private readonly T[] _items;

    internal SettingList(T[] items) => _items = items;

    /// <inheritdoc/>
    public int Count => _items.Length;

    /// <inheritdoc/>
    public T this[int index] => _items[index];

    /// <inheritdoc/>
    public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)_items).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _items.GetEnumerator();

    /// <inheritdoc/>
    public bool Equals(SettingList<T>? other) => other is not null && _items.AsSpan().SequenceEqual(other._items);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SettingList<T>);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (T item in _items)
        {
            hash.Add(item);
        }

        return hash.ToHashCode();
    }
}

/// <summary>Makes lists from collection expressions.</summary>
public static class SettingList
{
    /// <summary>Makes a list.</summary>
    /// <typeparam name="T">Type of a value.</typeparam>
    /// <param name="items">Values, copied.</param>
    /// <returns>The list.</returns>
    public static SettingList<T> Create<T>(ReadOnlySpan<T> items) => new(items.ToArray());
}
