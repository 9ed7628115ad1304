using Pellicle.Core.Random;

namespace Pellicle.Data.Synthetic.Painting;

/// <summary>Frontal chest X-rays: body, lungs, heart, spine, ribs, collar bones; for the second class consolidation, haze and effusion.</summary>
internal sealed class XRayPainter : Painter
{
    private const int RibPairs = 9;
    private static readonly float[] White = [1f];

    public override IReadOnlyList<string> Classes { get; } = ["normal", "pneumonia"];

    public override int Channels => 1;

    public override void Paint(Canvas canvas, SyntheticSubject subject, ISeededRandom random)
    {
        var body = new ChestShape(subject.PatientSeed, random);
        var stroke = new Stroke(canvas.Size);
        float[] bones = DrawBones(stroke, body, random);
        PaintDensity(canvas, subject, body, bones, random);
        PaintMarker(canvas, random);
    }

    private static float[] DrawBones(Stroke stroke, ChestShape body, ISeededRandom random)
    {
        foreach (float side in (ReadOnlySpan<float>)[-1, 1])
        {
            for (int i = 0; i < RibPairs; i++)
            {
                float y = body.Top + 0.02f + (body.Base - body.Top) * (i + 0.3f) / RibPairs;
                float reach = body.HalfWidth * (0.62f + 0.32f * MathF.Min(1, i / 3f));
                float drop = 0.05f + 0.055f * MathF.Min(1, i / 4f);
                stroke.Curve(
                    (body.MiddleX + side * 0.035f, y),
                    (body.MiddleX + side * reach * 0.75f, y - 0.045f),
                    (body.MiddleX + side * reach, y + drop),
                    0.022f,
                    0.013f,
                    Between(random, 0.75, 1.0));
                stroke.Curve(
                    (body.MiddleX + side * reach, y + drop),
                    (body.MiddleX + side * reach * 0.9f, y + drop + 0.07f),
                    (body.MiddleX + side * reach * 0.45f, y + drop + 0.105f),
                    0.012f,
                    0.010f,
                    0.45f);
            }

            stroke.Curve(
                (body.MiddleX + side * 0.04f, body.Top + 0.045f),
                (body.MiddleX + side * 0.16f, body.Top - 0.005f),
                (body.MiddleX + side * 0.36f, body.Top - 0.04f),
                0.026f,
                0.022f,
                1f);
        }

        return stroke.Coverage;
    }

    private static void PaintDensity(Canvas canvas, SyntheticSubject subject, ChestShape body, float[] bones, ISeededRandom random)
    {
        var vessels = new LatticeNoise(random.NextUInt64());
        var haze = new LatticeNoise(random.NextUInt64());
        (float consolidation, float diffuse, float effusion) = subject.Signs;
        float focusSide = random.NextDouble() < 0.5 ? -1 : 1;
        (float X, float Y) focus = (body.MiddleX + focusSide * Between(random, 0.13, 0.22), Between(random, 0.42, 0.68));
        float focusSize = Between(random, 0.09, 0.15);
        float effusionLevel = body.Base - 0.16f * effusion * effusion * Between(random, 0.4, 1.2);
        float exposure = Between(random, 0.88, 1.08);
        float contrast = Between(random, 0.88, 1.12);
        float boneStrength = 0.105f * (1 - 0.45f * Math.Clamp(subject.AgeCue, -1f, 1.5f));
        int size = canvas.Size;
        for (int p = 0; p < size * size; p++)
        {
            float x = (p % size + 0.5f) / size;
            float y = (p / size + 0.5f) / size;
            float tissue = 0.70f * body.Body(x, y) + 0.05f * haze.Fractal(3 * x + 9, 3 * y, 2);
            float lung = body.Lung(x, y);
            float side = Math.Sign(x - body.MiddleX);
            float air = 0.50f * lung;
            float hilum = MathF.Exp(-(Square((Math.Abs(x - body.MiddleX) - 0.085f) / 0.07f) + Square((y - 0.47f) / 0.11f)));
            air -= lung * (0.16f * hilum + 0.045f * (0.35f + hilum) * vessels.Fractal(15 * x, 15 * y, 3));
            float dx = (x - focus.X) / focusSize;
            float dy = (y - focus.Y) / focusSize;
            float cloud = MathF.Exp(-0.7f * (dx * dx + dy * dy)) * (0.75f + 0.5f * haze.Fractal(9 * x, 9 * y, 3));
            air -= lung * 0.46f * consolidation * Math.Max(0, cloud);
            air -= lung * 0.20f * diffuse * (0.5f + 0.5f * haze.Fractal(6 * x + 50, 6 * y, 3));
            if (side == focusSide)
            {
                air -= lung * 0.34f * SmoothStep(effusionLevel - 0.03f, effusionLevel + 0.02f, y + 0.25f * Square(Math.Abs(x - body.MiddleX) - 0.1f));
            }

            float value = tissue - Math.Max(0, air) + 0.17f * body.Heart(x, y, subject.AgeCue) + 0.10f * body.Spine(x, y);
            value += boneStrength * bones[p] * body.Body(x, y) * (1 - 0.75f * SmoothStep(body.Base - 0.05f, body.Base + 0.06f, y)) + 0.13f * BreastShadow(body, subject, x, y);
            canvas.Planes[0][p] = Math.Clamp(0.5f + contrast * (value * exposure - 0.5f), 0.01f, 0.97f);
        }
    }

    /// <summary>Planted cue of sex: nothing unless it was asked for.</summary>
    private static float BreastShadow(ChestShape body, SyntheticSubject subject, float x, float y)
    {
        float strength = Math.Max(0, -subject.SexCue);
        if (strength == 0)
        {
            return 0;
        }

        float dx = (Math.Abs(x - body.MiddleX) - 0.20f) / 0.15f;
        float dy = (y - 0.66f) / 0.12f;
        return strength * Inside(dx * dx + dy * dy - 1, 0.12f);
    }

    /// <summary>The letter L that radiographers place beside the patient's left shoulder.</summary>
    private static void PaintMarker(Canvas canvas, ISeededRandom random)
    {
        if (random.NextDouble() < 0.5)
        {
            return;
        }

        var stroke = new Stroke(canvas.Size);
        float x = Between(random, 0.90, 0.93);
        float y = Between(random, 0.06, 0.10);
        stroke.Curve((x, y), (x, y + 0.025f), (x, y + 0.05f), 0.010f, 0.010f, 0.9f);
        stroke.Curve((x, y + 0.05f), (x + 0.013f, y + 0.05f), (x + 0.026f, y + 0.05f), 0.010f, 0.010f, 0.9f);
        canvas.BlendMap(stroke.Coverage, White);
    }

    private static float Square(float value) => value * value;
}
