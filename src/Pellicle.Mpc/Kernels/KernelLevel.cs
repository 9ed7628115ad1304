namespace Pellicle.Mpc.Kernels;

/// <summary>Instruction sets for which ring kernels exist, slowest first.</summary>
public enum KernelLevel
{
    /// <summary>Shortest correct code: the twin that all others are tested against.</summary>
    Reference,

    /// <summary>Vectors of whatever width the runtime gives.</summary>
    Portable,

    /// <summary>256-bit: 64-bit products from three 32-bit ones.</summary>
    Avx2,

    /// <summary>512-bit with native 64-bit products (AVX-512DQ).</summary>
    Avx512,
}
