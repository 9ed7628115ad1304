using System.Net;
using System.Net.Sockets;
using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Mpc.Channels;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Protocols;

namespace Pellicle.Mpc.Party;

/// <summary>Three parties as threads of one process, for one session: fresh keys, a connection between each two.</summary>
/// <remarks>For trials, tests and the local prediction. One process holds everything here, so nothing is hidden from its owner.</remarks>
public sealed class LoopbackParties : IDisposable
{
    private readonly PartyNetwork[] _networks = new PartyNetwork[PartyId.Count];
    private readonly ITensorProtocol[] _protocols = new ITensorProtocol[PartyId.Count];
    private readonly List<PairwiseSeed> _seeds = [];

    /// <summary>Connects three parties.</summary>
    /// <param name="planId">First four bytes of the plan's hash.</param>
    /// <param name="random">Source of the session's keys.</param>
    /// <param name="timeout">How long a party waits for a message.</param>
    /// <param name="network">Delay and rate to simulate, or null.</param>
    /// <param name="overTcp">True connects by TCP sockets on the loopback address; not with a simulated network.</param>
    /// <param name="buffers">One a party, kept between sessions; null for new ones.</param>
    /// <param name="protocol">What they run.</param>
    public LoopbackParties(
        uint planId, ISecureRandom random, TimeSpan timeout, SimulatedNetwork? network = null, bool overTcp = false, IReadOnlyList<RingBuffers>? buffers = null, MpcProtocol protocol = MpcProtocol.Replicated3)
    {
        if (overTcp && network is not null)
        {
            throw new ArgumentException("A simulated network runs on in-process connections only.", nameof(overTcp));
        }

        var channels = new List<IChannel>[] { [], [], [] };
        for (int a = 0; a < PartyId.Count; a++)
        {
            int b = (a + 1) % PartyId.Count;
            (IChannel atA, IChannel atB) = overTcp ? ConnectTcp(new PartyId(a), new PartyId(b), timeout) : LoopbackChannel.Connect(new PartyId(a), new PartyId(b), timeout, network);
            channels[a].Add(atA);
            channels[b].Add(atB);
        }

        byte[][] keys = PairwiseSeed.DrawKeys(random);
        for (int i = 0; i < PartyId.Count; i++)
        {
            var first = new PairwiseSeed(keys[i]);
            var second = new PairwiseSeed(keys[(i + 1) % PartyId.Count]);
            _seeds.AddRange([first, second]);
            _networks[i] = new PartyNetwork(new PartyId(i), planId, channels[i]);
            _protocols[i] = protocol.Join(_networks[i], first, second, buffers?[i]);
        }
    }

    /// <summary>What all parties sent so far.</summary>
    public Traffic Traffic => Traffic.Of([.. _protocols.Select(p => p.Traffic)]);

    /// <summary>The connections, one a party.</summary>
    public IReadOnlyList<PartyNetwork> Networks => _networks;

    /// <summary>Runs the same program at the three parties at once.</summary>
    /// <typeparam name="T">Result of one party.</typeparam>
    /// <param name="program">Called once a party, on a thread of its own.</param>
    /// <returns>The results of P0, P1, P2.</returns>
    /// <exception cref="ProtocolException">A party failed; the others were stopped.</exception>
    public T[] Run<T>(Func<ITensorProtocol, T> program)
    {
        var results = new T[PartyId.Count];
        var failures = new List<Exception>();
        Thread[] threads = [.. _protocols.Select((protocol, i) => new Thread(
            () =>
            {
                try
                {
                    results[i] = program(protocol);
                    _networks[i].Drain();
                }
#pragma warning disable CA1031 // A failure of any kind must stop the other parties and reach the caller.
                catch (Exception e)
#pragma warning restore CA1031
                {
                    lock (failures)
                    {
                        failures.Add(e);
                    }

                    _networks[i].Dispose();
                }
            },
            maxStackSize: 16 << 20)
        { IsBackground = true, Name = $"party {i}" })];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());

        // The first failure is the cause; the others only saw a closed connection.
        return failures.Count == 0 ? results : throw Wrapped(failures[0]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Array.ForEach(_networks, network => network.Dispose());
        _seeds.ForEach(seed => seed.Dispose());
    }

    private static Exception Wrapped(Exception cause) => cause is PellicleException known
        ? new ProtocolException(known.Message, known.Hint, inner: known)
        : new InvalidOperationException($"a party failed: {cause.Message}", cause);

    private static (IChannel AtA, IChannel AtB) ConnectTcp(PartyId a, PartyId b, TimeSpan timeout)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        client.Connect(listener.LocalEndPoint!);
        return (StreamChannel.Over(b, client, timeout), StreamChannel.Over(a, listener.Accept(), timeout));
    }
}
