namespace Pellicle.Nn;

/// <summary>Sizes of a <see cref="VisionTransformer"/>.</summary>
/// <param name="ImageSize">S, pixels on a side.</param>
/// <param name="PatchSize">P, a divisor of S.</param>
/// <param name="Channels">C.</param>
/// <param name="Classes">K.</param>
/// <param name="Width">D.</param>
/// <param name="Depth">Blocks.</param>
/// <param name="Heads">Attention heads, a divisor of D.</param>
public sealed record VisionTransformerOptions(int ImageSize, int PatchSize, int Channels, int Classes, int Width, int Depth, int Heads);
