using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Pellicle.Core.Errors;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Kits;

namespace Pellicle.Mpc.Links;

/// <summary>Makes an authenticated link of a TCP connection: TLS 1.3 with both certificates pinned, then a greeting in both directions.</summary>
/// <remarks>On a thread of its own, with blocking calls only: one asynchronous call would turn the socket into a non-blocking one for good, and every message
/// of a session would then wake a second thread before it reaches the one that waits for it.</remarks>
/// <param name="identity">Own identity, and the pinned certificates.</param>
/// <param name="handshakeTimeout">For TLS and greeting together.</param>
/// <param name="stepTimeout">How long a session waits for a message on the link.</param>
internal sealed class LinkSecurity(LinkIdentity identity, TimeSpan handshakeTimeout, TimeSpan stepTimeout)
{
    /// <summary>The end that called.</summary>
    /// <param name="socket">Connected; closed if the handshake fails.</param>
    /// <param name="peer">Who must answer.</param>
    /// <param name="lane">Which of the links between the two.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="ProtocolException">The peer is another one, or does not agree on the plan.</exception>
    public Task<(PeerLink Link, int Lane)> CallAsync(Socket socket, PartyId peer, int lane, CancellationToken stop) => OnOwnThread(() => Secure(socket, peer, lane, stop));

    /// <summary>The end that was called.</summary>
    /// <param name="socket">Connected; closed if the handshake fails.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="ProtocolException">The caller is no party of this kit, or does not agree on the plan.</exception>
    public Task<(PeerLink Link, int Lane)> AcceptAsync(Socket socket, CancellationToken stop) => OnOwnThread(() => Secure(socket, null, null, stop));

    private static Task<(PeerLink Link, int Lane)> OnOwnThread(Func<(PeerLink Link, int Lane)> secure) =>
        Task.Factory.StartNew(secure, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private (PeerLink Link, int Lane) Secure(Socket socket, PartyId? called, int? lane, CancellationToken stop)
    {
        socket.NoDelay = true;
        socket.SendBufferSize = 1 << 20;
        socket.ReceiveBufferSize = 1 << 20;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(handshakeTimeout);
        using CancellationTokenRegistration closing = limit.Token.Register(socket.Dispose); // what a blocking call waits on ends with it
        string? stranger = null; // fingerprint of a certificate that is not pinned
        var tls = new SslStream(new SpinningSocketStream(socket), leaveInnerStreamOpen: false);
        try
        {
            bool IsPinned(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
            {
                bool isKnown = Owner(certificate, called) is not null;
                stranger = isKnown || certificate is null ? null : PartyCertificate.Fingerprint(certificate)[..8];
                return isKnown;
            }

            if (called is null)
            {
                tls.AuthenticateAsServer(ServerOptions(IsPinned));
            }
            else
            {
                tls.AuthenticateAsClient(ClientOptions(called.Value, IsPinned));
            }

            PartyId peer = Owner(tls.RemoteCertificate, called)!.Value;
            if (lane is not null)
            {
                tls.Write(LinkGreeting.Own(identity, peer, lane.Value).ToBytes());
            }

            byte[] bytes = new byte[LinkGreeting.Size];
            tls.ReadExactly(bytes);
            if (lane is null)
            {
                // Answered before it is judged, so that the caller can name the difference as well.
                tls.Write(LinkGreeting.Own(identity, peer, bytes[12] | (bytes[13] << 8)).ToBytes());
            }

            LinkGreeting greeting = LinkGreeting.Verified(bytes, peer, identity, lane);
            limit.Token.ThrowIfCancellationRequested();
            closing.Unregister();
            return (new PeerLink(peer, socket, tls, greeting.BootNonce, stepTimeout), greeting.Lane);
        }
        catch (Exception e) when (e is IOException or AuthenticationException or OperationCanceledException or ObjectDisposedException or SocketException or ProtocolException)
        {
            tls.Dispose();
            stop.ThrowIfCancellationRequested();
            throw Explain(e, called, stranger, isLate: limit.IsCancellationRequested);
        }
    }

    // The party whose pinned certificate it is; the called end expects those that call it.
    private PartyId? Owner(X509Certificate? certificate, PartyId? called)
    {
        foreach ((PartyId peer, X509Certificate2 pinned) in identity.Peers)
        {
            bool isExpected = called is null ? LinkIdentity.IsCalled(identity.Self, peer) : peer == called;
            if (isExpected && PartyCertificate.IsPinned(certificate, PartyCertificate.Fingerprint(pinned)))
            {
                return peer;
            }
        }

        return null;
    }

    private SslServerAuthenticationOptions ServerOptions(RemoteCertificateValidationCallback isPinned) => new()
    {
        ServerCertificate = identity.Certificate,
        ClientCertificateRequired = true,
        EnabledSslProtocols = SslProtocols.Tls13,
        RemoteCertificateValidationCallback = isPinned,
        CipherSuitesPolicy = CipherSuites(),
        AllowTlsResume = false,
    };

    private SslClientAuthenticationOptions ClientOptions(PartyId peer, RemoteCertificateValidationCallback isPinned) => new()
    {
        TargetHost = $"party{peer.Index}",
        ClientCertificates = [identity.Certificate],
        LocalCertificateSelectionCallback = (_, _, _, _, _) => identity.Certificate,
        EnabledSslProtocols = SslProtocols.Tls13,
        RemoteCertificateValidationCallback = isPinned,
        CipherSuitesPolicy = CipherSuites(),
        AllowTlsResume = false,
    };

    // AES-128 in GCM is the fastest suite with AES instructions; others only where it cannot be asked for.
    private static CipherSuitesPolicy? CipherSuites() => OperatingSystem.IsLinux() ? new CipherSuitesPolicy([TlsCipherSuite.TLS_AES_128_GCM_SHA256, TlsCipherSuite.TLS_AES_256_GCM_SHA384]) : null;

    private ProtocolException Explain(Exception cause, PartyId? called, string? stranger, bool isLate)
    {
        if (cause is ProtocolException known)
        {
            return known;
        }

        string peer = called is null ? "a caller" : $"party {called.Value.Index}";
        if (stranger is not null)
        {
            string expected = called is null ? "one of the parties that call this one" : PartyCertificate.Fingerprint(identity.Peers[called.Value])[..8];
            return new ProtocolException($"{peer} shows a certificate with fingerprint {stranger}; expected {expected}.", "Give all parties folders of the same kits, and check --id and --peer.", inner: cause);
        }

        return isLate
            ? new ProtocolException($"{peer} did not finish the handshake within {handshakeTimeout.TotalSeconds:0.#} s.", "Check that the address is the --listen address of a party.", inner: cause)
            : new ProtocolException(
                $"{peer} ended the handshake; this party shows the certificate {PartyCertificate.Fingerprint(identity.Certificate)[..8]}.",
                "Look at the log of the other end: it may hold another certificate for this party, or the address may be wrong.",
                inner: cause);
    }
}
