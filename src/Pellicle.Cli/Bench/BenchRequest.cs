namespace Pellicle.Cli.Bench;

/// <summary>What to measure, and how.</summary>
/// <param name="Names">Of <see cref="BenchPipeline.Names"/>, or a training step such as vit_tiny-32; empty for everything.</param>
/// <param name="Threads">Threads of numerical kernels, at least 1.</param>
/// <param name="Runs">Timed runs of each case; null for its own number.</param>
/// <param name="Data">Pictures to decode; null makes procedural ones.</param>
/// <param name="Baseline">Program that takes ordinary steps of another program, such as plain PyTorch; null for none.</param>
internal sealed record BenchRequest(IReadOnlyList<string> Names, int Threads, int? Runs, string? Data, string? Baseline);
