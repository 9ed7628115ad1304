using System.Globalization;
using System.Net;
using Pellicle.Core.Errors;

namespace Pellicle.Mpc.Links;

/// <summary>Where a party listens.</summary>
/// <param name="Host">Name or address.</param>
/// <param name="Port">1 to 65535; 0 lets the system choose when listening.</param>
public sealed record PeerAddress(string Host, int Port)
{
    /// <summary>Reads <c>host:port</c>; an IPv6 address stands in brackets.</summary>
    /// <param name="text">The text.</param>
    /// <param name="option">The option it was given to, for the error.</param>
    /// <exception cref="UsageException">Other text.</exception>
    public static PeerAddress Parse(string text, string option)
    {
        ArgumentNullException.ThrowIfNull(text);
        int colon = text.LastIndexOf(':');
        string host = colon < 0 ? "" : text[..colon].Trim('[', ']');
        return host.Length > 0 && int.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int port) && port <= 65535
            ? new PeerAddress(host, port)
            : throw new UsageException($"{option} is '{text}'; expected host:port.", $"For example: {option} 127.0.0.1:7101.");
    }

    /// <summary>The address to listen on.</summary>
    /// <param name="option">The option it was given to, for the error.</param>
    /// <exception cref="UsageException">The host is a name.</exception>
    public IPEndPoint ToEndPoint(string option) => IPAddress.TryParse(Host == "localhost" ? "127.0.0.1" : Host, out IPAddress? address)
        ? new IPEndPoint(address, Port)
        : throw new UsageException($"{option} is '{this}'; expected the numeric address of a network card of this machine.", $"Use {option} 0.0.0.0:{Port} for all of them, or 127.0.0.1:{Port} for this machine only.");

    /// <inheritdoc/>
    public override string ToString() => Host.Contains(':') ? $"[{Host}]:{Port}" : $"{Host}:{Port}";
}
