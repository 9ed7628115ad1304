using Pellicle.Core.Random;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Party;
using Pellicle.Mpc.Protocols.Replicated3;

namespace Pellicle.Mpc.Tests.Statistical;

public class ActivationTests
{
    private const int F = 16, SignWidth = 24;
    private const long Largest = ((1L << (SignWidth - 1)) - 2) << F;

    [Theory]
    [InlineData(1 << 20, 954)]
    [Trait(Speed.Trait, Speed.Full)]
    public void Not_one_of_a_billion_activations_is_off_by_more_than_one_unit(int batch, int batches)
    {
        var random = new SeededRandom(17);
        var scheme = new ReplicatedShares();
        RingBuffers[] buffers = [new(), new(), new()];
        using var parties = new LoopbackParties(1, new SystemSecureRandom(), TimeSpan.FromSeconds(60), buffers: buffers);
        var z = new long[batch];
        long wrong = 0;
        for (int b = 0; b < batches; b++)
        {
            for (int i = 0; i < batch; i++)
            {
                // x = z / 2^f lies within the sign width, and so does a neighbour of it: truncation may be off by one unit.
                z[i] = Math.Clamp((long)random.NextUInt64() >> (64 - (SignWidth + F)), -Largest, Largest);
            }

            SharedTensor[] parts = scheme.Split(System.Runtime.InteropServices.MemoryMarshal.Cast<long, ulong>(z), new SystemSecureRandom());
            SharedTensor[] results = parties.Run(protocol =>
            {
                SharedTensor x = protocol.Truncate(parts[protocol.Self.Index], F);
                SharedTensor y = protocol.SelectShare(protocol.IsNonNegative(x, SignWidth), x).Copy();
                protocol.Recycle([]);
                return y;
            });
            ulong[] found = scheme.Combine(results);
            for (int i = 0; i < batch; i++)
            {
                long off = (long)found[i] - Math.Max(0, z[i] >> F);
                wrong += off is 0 or 1 or -1 ? 0 : 1;
            }
        }

        Assert.Equal(0, wrong);
    }
}
