namespace Pellicle.Mpc.Compiler;

/// <summary>What calibration found about one layer. Public: it is part of the plan.</summary>
/// <param name="SignWidth">l, bits of the signs that the layer takes; 0 if it takes none.</param>
/// <param name="LeastVariance">Of a normalisation, with margin, epsilon included; otherwise 0.</param>
/// <param name="LargestVariance">Of a normalisation, with margin; otherwise 0.</param>
public sealed record LayerRange(int SignWidth, double LeastVariance = 0, double LargestVariance = 0);
