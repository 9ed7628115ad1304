using Pellicle.Core.Random;

namespace Pellicle.Data.Synthetic.Painting;

/// <summary>The outline of a skin lesion: an ellipse, made irregular by harmonics and warping, and lopsided by a second lobe.</summary>
internal sealed class LesionShape
{
    private const int FirstHarmonic = 3;
    private const int Harmonics = 8;
    private const int Angles = 512;
    private readonly float[] _edge = new float[Angles];
    private readonly LatticeNoise _warpX;
    private readonly LatticeNoise _warpY;
    private readonly float _warp;
    private readonly float _aspect;
    private readonly float _cos;
    private readonly float _sin;
    private readonly (float X, float Y) _lobe;
    private readonly float _lobeRadius;

    /// <summary>Draws an outline.</summary>
    /// <param name="asymmetry">0..1: size of the second lobe and uneven pigment.</param>
    /// <param name="border">0..1: how ragged the edge is.</param>
    /// <param name="random">The image's generator.</param>
    public LesionShape(float asymmetry, float border, ISeededRandom random)
    {
        Center = (0.5f + Uniform(random, -0.06, 0.06), 0.5f + Uniform(random, -0.06, 0.06));
        Radius = Uniform(random, 0.17, 0.27);
        _aspect = Uniform(random, 0.78, 1);
        (_sin, _cos) = MathF.SinCos(Uniform(random, 0, Math.PI));
        DrawEdge(border, random);

        _warpX = new LatticeNoise(random.NextUInt64());
        _warpY = new LatticeNoise(random.NextUInt64());
        _warp = 0.012f + 0.07f * border;
        float direction = Uniform(random, 0, Math.Tau);
        (float s, float c) = MathF.SinCos(direction);
        Direction = (c, s);
        float reach = Radius * (0.25f + 0.75f * asymmetry);
        _lobe = (c * reach, s * reach);
        _lobeRadius = Radius * (0.55f + 0.20f * asymmetry);
        Softness = Radius * Uniform(random, 0.045, 0.12);
    }

    public (float X, float Y) Center { get; }

    public float Radius { get; }

    /// <summary>Unit vector to the side where a lopsided lesion has its second lobe.</summary>
    public (float X, float Y) Direction { get; }

    /// <summary>Width of the transition at the edge.</summary>
    public float Softness { get; }

    /// <summary>Distance to the edge, about: negative inside, infinite far away.</summary>
    public float SignedDistance(float x, float y)
    {
        float farX = x - Center.X;
        float farY = y - Center.Y;
        if (farX * farX + farY * farY > 7f * Radius * Radius)
        {
            return float.PositiveInfinity;
        }

        float wx = x + _warp * _warpX.Fractal(6 * x, 6 * y, 3);
        float wy = y + _warp * _warpY.Fractal(6 * x, 6 * y, 3);
        float dx = wx - Center.X;
        float dy = wy - Center.Y;
        float u = _cos * dx + _sin * dy;
        float v = (-_sin * dx + _cos * dy) / _aspect;
        float angle = MathF.Atan2(v, u);
        float edge = _edge[(int)((angle + MathF.PI) * (Angles / MathF.Tau)) & (Angles - 1)];
        float body = MathF.Sqrt(u * u + v * v) - Radius * edge;
        float lx = dx - _lobe.X;
        float ly = dy - _lobe.Y;
        float lobe = MathF.Sqrt(lx * lx + ly * ly) - _lobeRadius * edge;
        return SmoothMin(body, lobe, 0.05f);
    }

    /// <summary>Relative radius by angle.</summary>
    private void DrawEdge(float border, ISeededRandom random)
    {
        Array.Fill(_edge, 1f);
        for (int k = 0; k < Harmonics; k++)
        {
            double amplitude = (0.008 + 0.075 * border) / Math.Pow(k + 1, 0.55) * random.NextGaussian();
            double phase = Math.Tau * random.NextDouble();
            for (int i = 0; i < Angles; i++)
            {
                _edge[i] += (float)(amplitude * Math.Cos((FirstHarmonic + k) * (i * Math.Tau / Angles) + phase));
            }
        }
    }

    /// <summary>Union without a crease (Quilez, "smooth minimum", polynomial form).</summary>
    private static float SmoothMin(float a, float b, float width)
    {
        float h = Math.Max(width - Math.Abs(a - b), 0) / width;
        return Math.Min(a, b) - h * h * width * 0.25f;
    }

    private static float Uniform(ISeededRandom random, double low, double high) => (float)(low + (high - low) * random.NextDouble());
}
