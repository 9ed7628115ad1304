namespace Pellicle.Native;

/// <summary>File formats that <see cref="ImageCodec"/> reads and writes.</summary>
public enum ImageFormat
{
    /// <summary>PNG, 1 to 16 bits per sample.</summary>
    Png = 1,

    /// <summary>JPEG, baseline or progressive, 8 bits, grey or RGB.</summary>
    Jpeg = 2,
}
