namespace Pellicle.Data.Synthetic.Painting;

/// <summary>Smooth random functions of the plane, from a hash of the integer lattice: no tables, any number of independent ones.</summary>
/// <remarks>Value noise with quintic fading (Perlin 2002) and cellular noise (Worley 1996).</remarks>
internal readonly struct LatticeNoise(ulong seed)
{
    private readonly uint _seed = (uint)(seed ^ (seed >> 32));

    /// <summary>Value noise in [-1, 1]; features are about one unit wide.</summary>
    public float Smooth(float x, float y)
    {
        float floorX = MathF.Floor(x);
        float floorY = MathF.Floor(y);
        int ix = (int)floorX;
        int iy = (int)floorY;
        float u = Fade(x - floorX);
        float v = Fade(y - floorY);
        float top = Lerp(Corner(ix, iy), Corner(ix + 1, iy), u);
        float bottom = Lerp(Corner(ix, iy + 1), Corner(ix + 1, iy + 1), u);
        return Lerp(top, bottom, v);
    }

    /// <summary>Sum of octaves, each twice as fine and half as strong, scaled to about [-1, 1].</summary>
    public float Fractal(float x, float y, int octaves)
    {
        float sum = 0;
        float weight = 1;
        float total = 0;
        for (int i = 0; i < octaves; i++)
        {
            sum += weight * Smooth(x, y);
            total += weight;
            weight *= 0.5f;
            x = 2 * x + 17.3f;
            y = 2 * y - 9.1f;
        }

        return sum / total;
    }

    /// <summary>Distance to the second nearest scattered point minus that to the nearest: 0 on the borders of a mosaic of cells about one unit wide.</summary>
    public float CellBorder(float x, float y)
    {
        int ix = (int)MathF.Floor(x);
        int iy = (int)MathF.Floor(y);
        float first = float.MaxValue;
        float second = float.MaxValue;
        for (int cy = iy - 1; cy <= iy + 1; cy++)
        {
            for (int cx = ix - 1; cx <= ix + 1; cx++)
            {
                uint h = Hash(cx, cy);
                float dx = cx + 0.15f + 0.7f * ((h & 0xFFFF) / 65535f) - x;
                float dy = cy + 0.15f + 0.7f * ((h >> 16) / 65535f) - y;
                float d = dx * dx + dy * dy;
                if (d < first)
                {
                    second = first;
                    first = d;
                }
                else if (d < second)
                {
                    second = d;
                }
            }
        }

        return MathF.Sqrt(second) - MathF.Sqrt(first);
    }

    private static float Fade(float t) => t * t * t * (t * (t * 6 - 15) + 10);

    private static float Lerp(float a, float b, float t) => a + (b - a) * t;

    private float Corner(int x, int y) => Hash(x, y) * (2f / uint.MaxValue) - 1f;

    private uint Hash(int x, int y)
    {
        uint h = _seed ^ ((uint)x * 0x9E3779B1u) ^ ((uint)y * 0x85EBCA77u);
        h = (h ^ (h >> 16)) * 0x7FEB352Du;
        h = (h ^ (h >> 15)) * 0x846CA68Bu;
        return h ^ (h >> 16);
    }
}
