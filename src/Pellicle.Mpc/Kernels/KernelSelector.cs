using System.Runtime.Intrinsics.X86;

namespace Pellicle.Mpc.Kernels;

/// <summary>The one place that decides which ring kernels run.</summary>
/// <remarks>AVX2 comes after the portable vectors because it adds up the high halves of 64-bit products separately and shifts them once;
/// AVX-512DQ comes last because it has the product as one instruction. Every level gives the same words.</remarks>
public static class KernelSelector
{
    private static KernelLevel? s_forced;

    /// <summary>Levels this processor can run, slowest first.</summary>
    public static IReadOnlyList<KernelLevel> Available { get; } = Find();

    /// <summary>The level in use: the forced one, otherwise the last available.</summary>
    public static KernelLevel Current => s_forced ?? Available[^1];

    /// <summary>Forces a level for the whole process: for tests and for finding a fault.</summary>
    /// <param name="level">An available level, or null for the fastest.</param>
    /// <exception cref="NotSupportedException">The processor lacks it.</exception>
    public static void Force(KernelLevel? level)
    {
        if (level is { } wanted && !Available.Contains(wanted))
        {
            throw new NotSupportedException($"This processor cannot run {wanted} kernels; it can run {string.Join(", ", Available)}.");
        }

        s_forced = level;
    }

    private static List<KernelLevel> Find()
    {
        var levels = new List<KernelLevel> { KernelLevel.Reference, KernelLevel.Portable };
        if (Avx2.IsSupported)
        {
            levels.Add(KernelLevel.Avx2);
        }

        if (Avx512DQ.IsSupported)
        {
            levels.Add(KernelLevel.Avx512);
        }

        return levels;
    }
}
