namespace Pellicle.Native;

/// <summary>What a picture file says about itself before it is decoded.</summary>
/// <param name="Format">File format, by the first bytes; the file name plays no part.</param>
/// <param name="Width">Pixels, 1 to 65,500.</param>
/// <param name="Height">Pixels, 1 to 65,500.</param>
/// <param name="Channels">Channels after decoding: 1 (grey) or 3 (RGB); palettes count as RGB, transparency does not count.</param>
/// <param name="BitDepth">Bits per sample in the file, 1 to 16.</param>
/// <param name="HasAlpha">The file has transparency; decoding composites it over black.</param>
public readonly record struct ImageHeader(ImageFormat Format, int Width, int Height, int Channels, int BitDepth, bool HasAlpha)
{
    /// <summary>Width times height.</summary>
    public long Pixels => (long)Width * Height;

    /// <summary>Bytes that decoding writes: one per sample.</summary>
    public long DecodedBytes => Pixels * Channels;
}
