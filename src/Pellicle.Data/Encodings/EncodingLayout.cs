namespace Pellicle.Data.Encodings;

/// <summary>What the encodings of a source look like.</summary>
/// <param name="Tokens">P, patches of an image.</param>
/// <param name="Width">Numbers of a patch.</param>
/// <param name="Sources">Names of the hospitals that were merged; empty for a single release.</param>
/// <param name="ImageSize">Side of the pictures that were encoded, pixels.</param>
/// <param name="Channels">1 or 3.</param>
/// <param name="IsLinear">Made by the linear control, whose classifier needs positions of its own.</param>
public sealed record EncodingLayout(int Tokens, int Width, IReadOnlyList<string> Sources, int ImageSize, int Channels, bool IsLinear);
