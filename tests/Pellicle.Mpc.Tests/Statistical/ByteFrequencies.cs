namespace Pellicle.Mpc.Tests.Statistical;

/// <summary>Chi-square statistics of byte values, 255 degrees of freedom at most.</summary>
internal static class ByteFrequencies
{
    /// <summary>Against the uniform distribution.</summary>
    public static double Uniform(ReadOnlySpan<byte> bytes)
    {
        double expected = bytes.Length / 256.0;
        return Counts(bytes).Sum(count => (count - expected) * (count - expected) / expected);
    }

    /// <summary>Of two samples of one size.</summary>
    public static double TwoSample(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        int[] x = Counts(a), y = Counts(b);
        return x.Zip(y).Where(pair => pair.First + pair.Second > 0).Sum(pair => Math.Pow(pair.First - pair.Second, 2) / (pair.First + pair.Second));
    }

    private static int[] Counts(ReadOnlySpan<byte> bytes)
    {
        var counts = new int[256];
        foreach (byte b in bytes)
        {
            counts[b]++;
        }

        return counts;
    }
}
