namespace Pellicle.Data.Tests.Images;

/// <summary>Writes JPEG headers that the codec does not write.</summary>
internal static class RawJpeg
{
    /// <summary>A baseline header with any number of components and any size, and no picture.</summary>
    internal static byte[] WithComponents(int components, int width = 16, int height = 16)
    {
        byte[] quantisation = [0xFF, 0xDB, 0, 67, 0, .. Enumerable.Repeat((byte)1, 64)];
        byte[] frame =
        [
            0xFF, 0xC0, 0, (byte)(8 + 3 * components), 8, (byte)(height >> 8), (byte)height, (byte)(width >> 8), (byte)width, (byte)components,
            .. Enumerable.Range(1, components).SelectMany(c => new byte[] { (byte)c, 0x11, 0 }),
        ];
        byte[] scan = [0xFF, 0xDA, 0, (byte)(6 + 2 * components), (byte)components, .. Enumerable.Range(1, components).SelectMany(c => new byte[] { (byte)c, 0 }), 0, 63, 0];
        return [0xFF, 0xD8, .. quantisation, .. frame, .. scan, 1, 2, 3, 0xFF, 0xD9];
    }
}
