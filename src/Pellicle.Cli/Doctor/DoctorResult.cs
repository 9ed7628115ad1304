namespace Pellicle.Cli.Doctor;

/// <summary>Result of <c>doctor</c>.</summary>
/// <param name="Checks">All checks.</param>
/// <param name="Cpu">Processor.</param>
/// <param name="MemoryBytes">Memory that this process may use.</param>
/// <param name="NativeVersion">Version of our native library; null if it cannot be loaded.</param>
/// <param name="LibtorchVersion">Version of libtorch beneath; null if it cannot be loaded.</param>
internal sealed record DoctorResult(IReadOnlyList<DoctorCheck> Checks, CpuDescription Cpu, long MemoryBytes, string? NativeVersion, string? LibtorchVersion);

/// <summary>The processor.</summary>
/// <param name="Cores">Processors that this process may use.</param>
/// <param name="Features">Instruction sets that matter here.</param>
internal sealed record CpuDescription(int Cores, IReadOnlyList<string> Features);
