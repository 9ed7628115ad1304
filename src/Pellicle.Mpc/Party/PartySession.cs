using System.Security.Cryptography;
using Pellicle.Mpc.Core;

namespace Pellicle.Mpc.Party;

/// <summary>State of a session at one party.</summary>
internal enum SessionState
{
    /// <summary>Announced by the client; its input has not come.</summary>
    Waiting,

    /// <summary>Its input is here.</summary>
    Queued,

    /// <summary>The parties compute.</summary>
    Running,

    /// <summary>The result can be fetched.</summary>
    Done,

    /// <summary>It will not give a result.</summary>
    Failed,
}

/// <summary>One session at one party. Changed under the lock of its table only.</summary>
internal sealed class PartySession(string id, string client, DateTimeOffset created)
{
    public string Id => id;

    public byte[] IdBytes => Convert.FromHexString(id);

    /// <summary>First half of a line in a log: enough to find it, not enough to use it.</summary>
    public string ShortId => id[..8];

    public string Client => client;

    public DateTimeOffset Created => created;

    public SessionState State { get; set; }

    public bool IsUploading { get; set; }

    public bool IsFinished => State is SessionState.Done or SessionState.Failed;

    /// <summary>Set to stop a running session.</summary>
    public bool IsWithdrawn { get; set; }

    public string? Failure { get; set; }

    public string? Layer { get; set; }

    public uint Step { get; set; }

    public SharedTensor? Input { get; set; }

    /// <summary>SHA-256 of each slot of the input, in this party's order.</summary>
    public byte[][] InputHashes { get; set; } = [];

    public SharedTensor? Result { get; set; }

    /// <summary>What was counted after each layer.</summary>
    public IReadOnlyList<LayerState>? Layers { get; set; }

    /// <summary>Completes when the session is done or has failed.</summary>
    public TaskCompletionSource Finished { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Overwrites shares that are not needed any more.</summary>
    public void Forget(SharedTensor? shares)
    {
        for (int s = 0; shares is not null && s < shares.SlotCount; s++)
        {
            CryptographicOperations.ZeroMemory(System.Runtime.InteropServices.MemoryMarshal.AsBytes(shares.LowBits(s).AsSpan()));
        }

        if (ReferenceEquals(shares, Input))
        {
            Input = null;
        }

        if (ReferenceEquals(shares, Result))
        {
            Result = null;
        }
    }

    public override string ToString() => $"session {ShortId}, {State}";
}
