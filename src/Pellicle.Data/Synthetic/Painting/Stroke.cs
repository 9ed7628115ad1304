namespace Pellicle.Data.Synthetic.Painting;

/// <summary>Draws smooth lines and discs into a coverage map [size, size] in 0..1: hairs, vessels, ribs, dots.</summary>
internal sealed class Stroke(int size)
{
    /// <summary>The coverage so far; the strongest stroke wins where strokes cross.</summary>
    public float[] Coverage { get; } = new float[size * size];

    /// <summary>A soft disc.</summary>
    /// <param name="x">Centre in 0..1.</param>
    /// <param name="y">Centre in 0..1.</param>
    /// <param name="radius">In units of the picture; below a pixel it fades instead of vanishing.</param>
    /// <param name="alpha">Coverage in its middle.</param>
    public void Disc(float x, float y, float radius, float alpha)
    {
        float px = x * size - 0.5f;
        float py = y * size - 0.5f;
        float r = radius * size;
        if (r < 0.5f)
        {
            alpha *= r / 0.5f;
            r = 0.5f;
        }

        int left = Math.Max(0, (int)MathF.Ceiling(px - r - 0.5f));
        int right = Math.Min(size - 1, (int)MathF.Floor(px + r + 0.5f));
        int top = Math.Max(0, (int)MathF.Ceiling(py - r - 0.5f));
        int bottom = Math.Min(size - 1, (int)MathF.Floor(py + r + 0.5f));
        for (int iy = top; iy <= bottom; iy++)
        {
            for (int ix = left; ix <= right; ix++)
            {
                float d = MathF.Sqrt((ix - px) * (ix - px) + (iy - py) * (iy - py));
                float value = alpha * Math.Clamp(r + 0.5f - d, 0f, 1f);
                ref float at = ref Coverage[iy * size + ix];
                at = Math.Max(at, value);
            }
        }
    }

    /// <summary>A curved line with a width that changes evenly along it.</summary>
    /// <param name="from">First point, in 0..1.</param>
    /// <param name="bend">Control point of the quadratic Bézier curve.</param>
    /// <param name="to">Last point.</param>
    /// <param name="widthFrom">Width at the first point, in units of the picture.</param>
    /// <param name="widthTo">Width at the last point.</param>
    /// <param name="alpha">Coverage in the middle of the line.</param>
    public void Curve((float X, float Y) from, (float X, float Y) bend, (float X, float Y) to, float widthFrom, float widthTo, float alpha)
    {
        float length = Distance(from, bend) + Distance(bend, to);
        float step = Math.Max(0.35f, Math.Min(widthFrom, widthTo) * size * 0.25f);
        int steps = Math.Max(2, (int)(length * size / step));
        for (int i = 0; i <= steps; i++)
        {
            float t = (float)i / steps;
            float a = (1 - t) * (1 - t);
            float b = 2 * t * (1 - t);
            float c = t * t;
            Disc(a * from.X + b * bend.X + c * to.X, a * from.Y + b * bend.Y + c * to.Y, 0.5f * (widthFrom + (widthTo - widthFrom) * t), alpha);
        }
    }

    private static float Distance((float X, float Y) a, (float X, float Y) b) => MathF.Sqrt((a.X - b.X) * (a.X - b.X) + (a.Y - b.Y) * (a.Y - b.Y));
}
