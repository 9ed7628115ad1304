namespace Pellicle.Mpc.Channels;

/// <summary>What parties sent: the same object is counted by a run and declared by a plan.</summary>
/// <param name="Rounds">Longest chain of messages that waited for each other.</param>
/// <param name="Messages">Messages of all parties.</param>
/// <param name="PayloadBytes">Content of all messages, headers left out.</param>
/// <param name="BytesByLink">[from, to] flattened to 9 entries: bytes with headers.</param>
public sealed record Traffic(long Rounds, long Messages, long PayloadBytes, IReadOnlyList<long> BytesByLink)
{
    /// <summary>Nothing sent.</summary>
    public static Traffic None { get; } = new(0, 0, 0, new long[9]);

    /// <summary>Bytes of all parties, headers included.</summary>
    public long Bytes => BytesByLink.Sum();

    /// <summary>Bytes of the direction that carries most.</summary>
    public long BusiestDirectionBytes => BytesByLink.Max();

    /// <summary>Bytes that each party sent, headers included.</summary>
    public IReadOnlyList<long> BytesPerParty => [.. Enumerable.Range(0, 3).Select(from => BytesByLink.Skip(3 * from).Take(3).Sum())];

    /// <summary>What happened since an earlier state.</summary>
    /// <param name="earlier">A state of the same run.</param>
    public Traffic Since(Traffic earlier)
    {
        ArgumentNullException.ThrowIfNull(earlier);
        return new Traffic(Rounds - earlier.Rounds, Messages - earlier.Messages, PayloadBytes - earlier.PayloadBytes, [.. BytesByLink.Zip(earlier.BytesByLink, (a, b) => a - b)]);
    }

    /// <summary>Adds up what single parties counted.</summary>
    /// <param name="parties">One a party.</param>
    public static Traffic Of(IReadOnlyList<Traffic> parties)
    {
        ArgumentNullException.ThrowIfNull(parties);
        return new Traffic(
            parties.Max(p => p.Rounds),
            parties.Sum(p => p.Messages),
            parties.Sum(p => p.PayloadBytes),
            [.. Enumerable.Range(0, 9).Select(link => parties.Sum(p => p.BytesByLink[link]))]);
    }
}
