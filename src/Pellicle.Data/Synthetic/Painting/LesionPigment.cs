using Pellicle.Core.Random;

namespace Pellicle.Data.Synthetic.Painting;

/// <summary>Melanin, blood and veil inside a lesion: base tone, patches, pigment network, globules.</summary>
internal sealed class LesionPigment
{
    private readonly LesionShape _shape;
    private readonly float _asymmetry;
    private readonly float _color;
    private readonly float _tone;
    private readonly float _network;
    private readonly float _networkScale;
    private readonly float _core;
    private readonly LatticeNoise _patches;
    private readonly LatticeNoise _veilPatches;
    private readonly LatticeNoise _redPatches;
    private readonly LatticeNoise _cells;
    private readonly LatticeNoise _grain;
    private readonly (float X, float Y, float R, float Depth)[] _globules;

    public LesionPigment((float First, float Second, float Third) signs, LesionShape shape, ISeededRandom random)
    {
        _shape = shape;
        _asymmetry = signs.First;
        _color = signs.Third;
        _tone = 0.52f + 0.85f * _color + (float)(0.14 * random.NextGaussian());
        _tone = Math.Max(0.25f, _tone);
        _network = (float)random.NextDouble();
        _networkScale = 24 + 14 * (float)random.NextDouble();
        _core = (float)random.NextDouble();
        _patches = new LatticeNoise(random.NextUInt64());
        _veilPatches = new LatticeNoise(random.NextUInt64());
        _redPatches = new LatticeNoise(random.NextUInt64());
        _cells = new LatticeNoise(random.NextUInt64());
        _grain = new LatticeNoise(random.NextUInt64());
        _globules = new (float, float, float, float)[random.NextInt(14)];
        for (int i = 0; i < _globules.Length; i++)
        {
            double angle = Math.Tau * random.NextDouble();
            double distance = shape.Radius * Math.Sqrt(random.NextDouble());
            _globules[i] = (
                shape.Center.X + (float)(distance * Math.Cos(angle)),
                shape.Center.Y + (float)(distance * Math.Sin(angle)),
                0.006f + 0.009f * (float)random.NextDouble(),
                0.3f + 0.7f * (float)random.NextDouble());
        }
    }

    /// <summary>Adds what the lesion has at one point.</summary>
    public void Add(float x, float y, ref float melanin, ref float blood, ref float veil)
    {
        float distance = _shape.SignedDistance(x, y);
        if (distance > 6 * _shape.Softness)
        {
            return;
        }

        float inside = 1f / (1f + MathF.Exp(distance / _shape.Softness));
        float depth = Math.Clamp(-distance / _shape.Radius, 0f, 1f);
        float dx = (x - _shape.Center.X) / _shape.Radius;
        float dy = (y - _shape.Center.Y) / _shape.Radius;
        float slope = dx * _shape.Direction.X + dy * _shape.Direction.Y;

        float uneven = _color * (1.1f * _patches.Fractal(6 * x, 6 * y, 3)) + 0.18f * _grain.Fractal(24 * x, 24 * y, 2);
        float density = _tone * (0.75f + 0.5f * _core * depth) * MathF.Exp(uneven + 0.55f * _asymmetry * Math.Clamp(slope, -1.3f, 1.3f));
        float line = 1 - Math.Clamp(_cells.CellBorder(_networkScale * x, _networkScale * y) / 0.32f, 0f, 1f);
        density *= 0.88f + 0.42f * _network * (1 - 0.6f * depth) * line;
        foreach ((float gx, float gy, float r, float strength) in _globules)
        {
            float d2 = (x - gx) * (x - gx) + (y - gy) * (y - gy);
            if (d2 < r * r * 4)
            {
                density += 0.8f * strength * MathF.Exp(-d2 / (r * r));
            }
        }

        melanin += inside * density;
        blood += inside * (0.08f + 0.85f * _color * Patch(_redPatches, x, y, 0.15f, 0.6f));
        veil += inside * 0.62f * _color * SmoothDepth(depth) * Patch(_veilPatches, x, y, 0.05f, 0.75f);
    }

    private static float Patch(LatticeNoise noise, float x, float y, float low, float high)
    {
        float t = Math.Clamp((noise.Fractal(5 * x, 5 * y, 2) - low) / (high - low), 0f, 1f);
        return t * t * (3 - 2 * t);
    }

    /// <summary>The veil lies over the thick middle, not over the rim.</summary>
    private static float SmoothDepth(float depth) => Math.Clamp(depth * 4f, 0f, 1f);
}
