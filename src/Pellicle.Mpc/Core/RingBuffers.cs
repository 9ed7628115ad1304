namespace Pellicle.Mpc.Core;

/// <summary>Buffers for intermediate values of one party, used again by later steps and sessions: the loop over steps then allocates results only.</summary>
/// <remarks>Not thread-safe: one thread computes for a party. A buffer holds whatever was in it before, such as masks of an earlier step; it never leaves the party, and <see cref="Clear"/> overwrites all.</remarks>
public sealed class RingBuffers
{
    private const long MostKeptElements = 1 << 26; // 512 MiB

    private readonly Dictionary<int, Stack<ulong[]>> _free = [];
    private long _kept;

    /// <summary>A buffer of exactly this length, with any content.</summary>
    /// <param name="count">Elements.</param>
    public ulong[] Rent(int count)
    {
        if (_free.TryGetValue(count, out Stack<ulong[]>? stack) && stack.TryPop(out ulong[]? buffer))
        {
            _kept -= count;
            return buffer;
        }

        return GC.AllocateUninitializedArray<ulong>(count);
    }

    /// <summary>Gives buffers back that nobody reads any more.</summary>
    /// <param name="buffers">Each at most once.</param>
    public void Return(params ReadOnlySpan<ulong[]> buffers)
    {
        foreach (ulong[] buffer in buffers)
        {
            if (_kept + buffer.Length > MostKeptElements)
            {
                continue;
            }

            if (!_free.TryGetValue(buffer.Length, out Stack<ulong[]>? stack))
            {
                _free[buffer.Length] = stack = new Stack<ulong[]>();
            }

            stack.Push(buffer);
            _kept += buffer.Length;
        }
    }

    /// <summary>Overwrites and drops all buffers.</summary>
    public void Clear()
    {
        foreach (ulong[] buffer in _free.Values.SelectMany(stack => stack))
        {
            Array.Clear(buffer);
        }

        _free.Clear();
        _kept = 0;
    }
}
