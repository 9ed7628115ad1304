using Pellicle.Core.Files;
using Pellicle.Native;

namespace Pellicle.Viewmaker.Release;

/// <summary>A sheet of pictures as PNG: rows of equally large tiles on a grey ground.</summary>
internal static class PictureSheet
{
    private const int Gap = 4;
    private const byte Ground = 96;

    /// <summary>Draws a sheet.</summary>
    /// <param name="rows">Tiles of each row, [S, S, 3] in 0..1, all of one size; every row as many.</param>
    /// <param name="side">S.</param>
    /// <param name="zoom">Every pixel becomes zoom x zoom.</param>
    /// <returns>The file.</returns>
    public static byte[] Draw(IReadOnlyList<IReadOnlyList<float[]>> rows, int side, int zoom)
    {
        int tile = side * zoom, columns = rows[0].Count;
        int width = (columns * (tile + Gap)) + Gap, height = (rows.Count * (tile + Gap)) + Gap;
        byte[] samples = new byte[3 * width * height];
        Array.Fill(samples, Ground);
        for (int r = 0; r < rows.Count; r++)
        {
            for (int c = 0; c < columns; c++)
            {
                float[] picture = rows[r][c];
                for (int y = 0; y < tile; y++)
                {
                    for (int x = 0; x < tile; x++)
                    {
                        int source = 3 * ((y / zoom * side) + (x / zoom));
                        int target = 3 * ((((r * (tile + Gap)) + Gap + y) * width) + (c * (tile + Gap)) + Gap + x);
                        for (int k = 0; k < 3; k++)
                        {
                            samples[target + k] = (byte)((Math.Clamp(picture[source + k], 0, 1) * 255) + 0.5f);
                        }
                    }
                }
            }
        }

        return ImageCodec.EncodePng(samples, width, height, 3);
    }

    /// <summary>Writes a sheet.</summary>
    /// <param name="path">A .png file; replaced.</param>
    /// <param name="sheet">As <see cref="Draw"/> gave it.</param>
    public static void Write(string path, byte[] sheet) => AtomicFile.WriteAllBytes(path, sheet);
}
