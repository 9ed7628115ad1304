using System.Diagnostics;
using System.Net.Sockets;

namespace Pellicle.Mpc.Links;

/// <summary>A socket as a stream whose reader looks for bytes a short while before it sleeps.</summary>
/// <remarks>A round of a small network takes less time than waking a sleeping thread, above all on a virtual machine. The reader gives its core away between
/// two looks, so parties that share cores do not hold each other up.</remarks>
internal sealed class SpinningSocketStream(Socket socket) : NetworkStream(socket, ownsSocket: true)
{
    private static readonly long MostTicks = Stopwatch.Frequency / 10_000; // 100 microseconds

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        try
        {
            Spin();
            return Socket.Receive(buffer);
        }
        catch (SocketException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            Socket.Send(buffer);
        }
        catch (SocketException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    private void Spin()
    {
        long start = 0;
        while (Socket.Available == 0)
        {
            long now = Stopwatch.GetTimestamp();
            start = start == 0 ? now : start;
            if (now - start > MostTicks)
            {
                return;
            }

            Thread.Yield();
        }
    }
}
