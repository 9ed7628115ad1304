namespace Pellicle.Cli.Bench;

/// <summary>Result of <c>bench</c>; property names are the JSON fields.</summary>
/// <param name="Machine">Where it was measured.</param>
/// <param name="Cases">In the order of measuring.</param>
internal sealed record BenchResult(BenchMachine Machine, IReadOnlyList<BenchCase> Cases);

/// <summary>The machine of a measurement.</summary>
/// <param name="Cpu">Name of the processor; null if the system does not tell.</param>
/// <param name="Cores">Processors that this process may use.</param>
/// <param name="InstructionSets">Those that matter here.</param>
/// <param name="Load">Processes that wanted to run, over the last minute, when measuring began; null if the system does not tell.</param>
/// <param name="Kernels">Variant of our kernels.</param>
/// <param name="Libtorch">Version of libtorch.</param>
internal sealed record BenchMachine(string? Cpu, int Cores, IReadOnlyList<string> InstructionSets, double? Load, string Kernels, string Libtorch);
