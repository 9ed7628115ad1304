using System.Globalization;
using System.Text.RegularExpressions;
using Pellicle.Core.Errors;

namespace Pellicle.Mpc.Channels;

/// <summary>A link of a given delay and rate, simulated inside the transport.</summary>
/// <param name="RttMs">Round-trip time in milliseconds, 0 to 10,000; a message takes half of it.</param>
/// <param name="BitsPerSecond">Rate of each direction of each link, above 0.</param>
public sealed partial record SimulatedNetwork(double RttMs, double BitsPerSecond)
{
    /// <summary>Bytes that pass at once before the rate applies.</summary>
    public const int BurstBytes = 64 * 1024;

    /// <summary>A local network: 0.2 ms, 1 Gbit/s.</summary>
    public static SimulatedNetwork Lan { get; } = new(0.2, 1e9);

    /// <summary>A wide-area network: 40 ms, 100 Mbit/s.</summary>
    public static SimulatedNetwork Wan { get; } = new(40, 100e6);

    /// <summary>Reads "40ms,100mbit".</summary>
    /// <param name="text">Time with <c>us</c>, <c>ms</c> or <c>s</c>; a comma; a rate with <c>kbit</c>, <c>mbit</c> or <c>gbit</c>.</param>
    /// <exception cref="UsageException">Other text.</exception>
    public static SimulatedNetwork Parse(string text)
    {
        Match match = Form().Match(text);
        if (!match.Success)
        {
            throw new UsageException($"--simulate-network is '{text}'; expected a round-trip time and a rate.", "For example: --simulate-network 40ms,100mbit.");
        }

        double time = double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) * match.Groups[2].Value switch { "us" => 1e-3, "ms" => 1, _ => 1e3 };
        double rate = double.Parse(match.Groups[3].Value, CultureInfo.InvariantCulture) * match.Groups[4].Value switch { "kbit" => 1e3, "mbit" => 1e6, _ => 1e9 };
        return time <= 10_000 && rate > 0
            ? new SimulatedNetwork(time, rate)
            : throw new UsageException($"--simulate-network is '{text}'; expected at most 10 s and a rate above 0.", "For example: --simulate-network 40ms,100mbit.");
    }

    /// <summary>Time that a run takes on this network besides computing: a round waits half a round trip, the busiest direction sends at the rate.</summary>
    /// <param name="rounds">Rounds.</param>
    /// <param name="busiestDirectionBytes">Bytes of the link direction that carries most.</param>
    /// <returns>Seconds.</returns>
    public double Seconds(long rounds, long busiestDirectionBytes) => (rounds * RttMs / 2000) + (busiestDirectionBytes * 8 / BitsPerSecond);

    [GeneratedRegex(@"^\s*(\d+(?:\.\d+)?)(us|ms|s)\s*,\s*(\d+(?:\.\d+)?)(kbit|mbit|gbit)(?:/s)?\s*$", RegexOptions.IgnoreCase)]
    private static partial Regex Form();
}
