using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Http;
using Pellicle.Mpc.Kits;
using Pellicle.Mpc.Links;
using Pellicle.Mpc.Party;
using Pellicle.Mpc.Protocols;

namespace Pellicle.Mpc.Client;

/// <summary>A prediction by three remote parties: check that all are ready → share the image → announce → send each its part → wait → fetch → compare copies → add.</summary>
/// <remarks>The image leaves this process only as shares; no party gets two shares that give it away. Every prediction is a session of its own: fresh id, fresh seeds.
/// P0 gets its part last, because it starts the session.</remarks>
public sealed class RemotePrediction : IDisposable
{
    private const int WaitSeconds = 10;

    private readonly ISecureRandom _random;
    private readonly string _planHash;
    private readonly PartyClient[] _parties;
    private readonly ShareScheme _scheme;

    /// <summary>Prepares the connections; nothing is sent.</summary>
    /// <param name="kit">The client's kit.</param>
    /// <param name="random">The cryptographic generator.</param>
    /// <param name="protocol">Of the plan.</param>
    public RemotePrediction(ClientKit kit, ISecureRandom random, MpcProtocol protocol = MpcProtocol.Replicated3)
    {
        ArgumentNullException.ThrowIfNull(kit);
        _random = random;
        _scheme = protocol.Scheme();
        _planHash = kit.PlanHash;
        _parties = [.. PartyId.All.Select(party => new PartyClient(kit, party))];
    }

    /// <summary>Checks that all parties answer, run this plan, and are connected to each other.</summary>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="ProtocolException">One of them does not.</exception>
    public void CheckParties(CancellationToken stop) => Wait(async () =>
    {
        PartyHealth[] health = await AllAsync(_parties.Select(party => party.HealthAsync(stop))).ConfigureAwait(false);
        for (int i = 0; i < health.Length; i++)
        {
            if (health[i].PlanHash != _planHash)
            {
                throw new ProtocolException($"party {i} has plan {health[i].PlanHash[..8]}, the client has {_planHash[..8]}.", "Use the client folder of the kits that the parties run.") { Party = i };
            }

            if (health[i].Party != i)
            {
                throw new ProtocolException($"the address of party {i} is answered by party {health[i].Party}.", "Check the addresses in kit.json of the client.") { Party = i };
            }
        }

        if (Array.Find(health, one => one.Problems.Count > 0) is { } waiting)
        {
            throw new ProtocolException($"party {waiting.Party} is not ready: {waiting.Problems[0].TrimEnd('.')}.", "Start all three parties, and look at their logs.") { Party = waiting.Party };
        }

        return 0;
    });

    /// <summary>Predicts one batch.</summary>
    /// <param name="input">Ring elements of the images of one session, in the order of the plan.</param>
    /// <param name="batch">Images in it, as in the plan.</param>
    /// <param name="outputCount">Ring elements of the result.</param>
    /// <param name="stop">Gives up and withdraws the session.</param>
    /// <returns>Ring elements of the result, and what each party counted.</returns>
    /// <exception cref="ProtocolException">A party failed, or two copies of a slot differ.</exception>
    public RemoteResult Predict(ReadOnlySpan<ulong> input, int batch, int outputCount, CancellationToken stop)
    {
        string session = Convert.ToHexStringLower(Draw(SessionOpening.SessionBytes));
        byte[][] bodies = Bodies(input);
        try
        {
            return Wait(() => RunAsync(session, bodies, batch, outputCount, stop));
        }
        catch
        {
            Withdraw(session);
            throw;
        }
        finally
        {
            Array.ForEach(bodies, body => CryptographicOperations.ZeroMemory(body));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Array.ForEach(_parties, party => party.Dispose());

    /// <summary>What each party gets: hashes of its slots, then the slots; seeds in place of uniform ones.</summary>
    internal byte[][] Bodies(ReadOnlySpan<ulong> input)
    {
        ShareLayout layout = _scheme.Input;
        int count = input.Length;
        byte[][] parts = [.. layout.Slots.Select(slot => slot.IsSeed ? Draw(PairwiseSeed.KeyBytes) : [])];
        ulong[][] values = layout.Values(input, slot => ShareExpansion.Slot(parts[slot], 0, count));
        byte[][] hashes = [.. values.Select(HashOf)];
        for (int s = 0; s < parts.Length; s++)
        {
            parts[s] = layout.Slots[s].IsSeed ? parts[s] : MemoryMarshal.AsBytes(values[s].AsSpan()).ToArray();
        }

        byte[][] bodies = [.. layout.Holders.Select(held => (byte[])[.. held.SelectMany(slot => hashes[slot]), .. held.SelectMany(slot => parts[slot])])];
        Array.ForEach(values, slot => CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(slot.AsSpan())));
        Array.ForEach(parts, part => CryptographicOperations.ZeroMemory(part));
        return bodies;
    }

    private static byte[] HashOf(ulong[] slot) => SHA256.HashData(MemoryMarshal.AsBytes(slot.AsSpan()));

    private async Task<RemoteResult> RunAsync(string session, byte[][] bodies, int batch, int outputCount, CancellationToken stop)
    {
        await AllAsync(_parties.Select(party => party.AnnounceAsync(session, _planHash, batch, stop))).ConfigureAwait(false);
        SessionStatus[] states = await AllAsync(_parties.Reverse().Select(party => RunAtAsync(party, session, bodies[party.Party.Index], stop))).ConfigureAwait(false);
        byte[][] results = await AllAsync(_parties.Select(party => party.ResultAsync(session, stop))).ConfigureAwait(false);
        return new RemoteResult(_scheme.Combine([.. results.Select((bytes, i) => Parsed(bytes, new PartyId(i), outputCount))]), [.. states.Reverse().Select(state => state.Layers ?? [])]);
    }

    // P0 starts a session: it gets its part last.
    private static async Task<SessionStatus> RunAtAsync(PartyClient party, string session, byte[] body, CancellationToken stop)
    {
        SessionStatus status = await party.SendInputAsync(session, body, WaitSeconds, stop).ConfigureAwait(false);
        while (true)
        {
            switch (status.State)
            {
                case "done":
                    return status;
                case "failed":
                    throw new ProtocolException($"party {party.Party.Index} reports: {status.Message}", "Look at the logs of the parties; try again, with a new session.") { Party = party.Party.Index };
                default:
                    status = await party.StatusAsync(session, WaitSeconds, stop).ConfigureAwait(false);
                    break;
            }
        }
    }

    private SharedTensor Parsed(byte[] bytes, PartyId party, int outputCount)
    {
        int slots = _scheme.Input.Holders[party.Index].Count;
        if (bytes.Length != slots * sizeof(ulong) * outputCount)
        {
            throw new ProtocolException($"party {party.Index} gave {bytes.Length} bytes of result; expected {slots * sizeof(ulong) * outputCount}.", "Check that client and parties use the same kits.") { Party = party.Index };
        }

        ulong[] words = MemoryMarshal.Cast<byte, ulong>(bytes).ToArray();
        return new SharedTensor(outputCount, [.. Enumerable.Range(0, slots).Select(s => words[(s * outputCount)..((s + 1) * outputCount)])]);
    }

    // The parties must not keep shares of a session that nobody waits for.
    private void Withdraw(string session)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        Task[] calls = [.. _parties.Select(async party =>
        {
            try
            {
                await party.WithdrawAsync(session, limit.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (e is ProtocolException or OperationCanceledException)
            {
                // Unknown there, or the party is the one that failed.
            }
        })];
        Task.WaitAll(calls, CancellationToken.None);
    }

    private byte[] Draw(int count)
    {
        byte[] bytes = new byte[count];
        _random.Fill(bytes);
        return bytes;
    }

    private static T Wait<T>(Func<Task<T>> call) => call().GetAwaiter().GetResult();

    // The first failure ends the waiting: a party that hangs must not hide what the others report.
    private static async Task<T[]> AllAsync<T>(IEnumerable<Task<T>> calls)
    {
        Task<T>[] all = [.. calls];
        var open = all.ToList<Task>();
        while (open.Count > 0)
        {
            Task next = await Task.WhenAny(open).ConfigureAwait(false);
            await next.ConfigureAwait(false);
            open.Remove(next);
        }

        return [.. all.Select(call => call.Result)];
    }
}

/// <summary>What a session gave.</summary>
/// <param name="Values">Ring elements of the result.</param>
/// <param name="Layers">Of each party, what it counted after each layer.</param>
public sealed record RemoteResult(ulong[] Values, IReadOnlyList<IReadOnlyList<LayerState>> Layers);
