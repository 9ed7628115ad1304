namespace Pellicle.Mpc.Core;

/// <summary>Memory for the values of one party, used again by later steps and sessions: after a first prediction the loop over steps allocates next to nothing.</summary>
/// <remarks>What is rented is remembered until it is returned or swept up, so that a layer need not know who reads its results. Not thread-safe: one thread computes for a party.
/// A buffer holds whatever was in it before, such as masks of an earlier step; it never leaves the party, and <see cref="Clear"/> overwrites all.</remarks>
public sealed class RingBuffers
{
    private const long MostKeptElements = 1 << 26; // 512 MiB

    private readonly Dictionary<int, Stack<ulong[]>> _free = [];
    private readonly HashSet<ulong[]> _rented = new(ReferenceEqualityComparer.Instance);
    private long _kept;

    /// <summary>A buffer of exactly this length, with any content.</summary>
    /// <param name="count">Elements.</param>
    public ulong[] Rent(int count)
    {
        if (_free.TryGetValue(count, out Stack<ulong[]>? stack) && stack.TryPop(out ulong[]? buffer))
        {
            _kept -= count;
        }
        else
        {
            buffer = GC.AllocateUninitializedArray<ulong>(count);
        }

        _rented.Add(buffer);
        return buffer;
    }

    /// <summary>Gives buffers back that nobody reads any more.</summary>
    /// <param name="buffers">Rented here; others, and those given back before, are left alone.</param>
    public void Return(params ReadOnlySpan<ulong[]> buffers)
    {
        foreach (ulong[] buffer in buffers)
        {
            if (_rented.Remove(buffer))
            {
                Keep(buffer);
            }
        }
    }

    /// <summary>Takes back every buffer that is not named: at the end of a layer, when only results are read again.</summary>
    /// <param name="live">Still read by somebody.</param>
    public void Sweep(IReadOnlySet<ulong[]> live)
    {
        ArgumentNullException.ThrowIfNull(live);
        foreach (ulong[] buffer in _rented)
        {
            if (!live.Contains(buffer))
            {
                Keep(buffer);
            }
        }

        _rented.IntersectWith(live);
    }

    /// <summary>Overwrites and drops all buffers.</summary>
    public void Clear()
    {
        foreach (ulong[] buffer in _free.Values.SelectMany(stack => stack).Concat(_rented))
        {
            Array.Clear(buffer);
        }

        _free.Clear();
        _rented.Clear();
        _kept = 0;
    }

    private void Keep(ulong[] buffer)
    {
        if (_kept + buffer.Length > MostKeptElements)
        {
            DropOthers(buffer.Length);
        }

        if (_kept + buffer.Length > MostKeptElements)
        {
            Array.Clear(buffer); // what is not kept goes to the heap, and takes no shares there
            return;
        }

        if (!_free.TryGetValue(buffer.Length, out Stack<ulong[]>? stack))
        {
            _free[buffer.Length] = stack = new Stack<ulong[]>();
        }

        stack.Push(buffer);
        _kept += buffer.Length;
    }

    // Layers of one size come together: what an earlier size has left is the first to go.
    private void DropOthers(int length)
    {
        foreach (int other in _free.Keys.Where(key => key != length).OrderDescending().ToArray())
        {
            if (_kept + length <= MostKeptElements)
            {
                return;
            }

            _kept -= (long)other * _free[other].Count;
            foreach (ulong[] dropped in _free[other])
            {
                Array.Clear(dropped);
            }

            _free.Remove(other);
        }
    }
}
