using Pellicle.Core.Random;

namespace Pellicle.Data.Synthetic.Painting;

/// <summary>Photographs of the retina: optic disc, macula, vessel tree; for the second class haemorrhages, hard exudates and cotton-wool spots.</summary>
internal sealed class FundusPainter : Painter
{
    private static readonly float[] Surround = [0.015f, 0.012f, 0.012f];
    private static readonly float[] DiscColor = [0.99f, 0.84f, 0.56f];
    private static readonly float[] CupColor = [1f, 0.95f, 0.78f];
    private static readonly float[] VeinColor = [0.38f, 0.07f, 0.05f];
    private static readonly float[] ArteryColor = [0.60f, 0.17f, 0.09f];
    private static readonly float[] HaemorrhageColor = [0.36f, 0.04f, 0.03f];
    private static readonly float[] ExudateColor = [0.97f, 0.88f, 0.52f];
    private static readonly float[] CottonColor = [0.93f, 0.82f, 0.66f];

    public override IReadOnlyList<string> Classes { get; } = ["normal", "retinopathy"];

    public override int Channels => 3;

    public override void Paint(Canvas canvas, SyntheticSubject subject, ISeededRandom random)
    {
        float side = random.NextDouble() < 0.5 ? -1 : 1; // left or right eye
        (float X, float Y) disc = (0.5f + side * Between(random, 0.22, 0.28), 0.5f + Between(random, -0.05, 0.04));
        (float X, float Y) macula = (0.5f - side * Between(random, 0.00, 0.06), 0.5f + Between(random, -0.02, 0.05));
        PaintRetina(canvas, subject, macula, random);
        var stroke = new Stroke(canvas.Size);
        PaintVessels(canvas, stroke, disc, macula, random);
        PaintDisc(canvas, disc, random);
        PaintLesions(canvas, stroke, subject, disc, macula, random);
        PaintCamera(canvas, subject, random);
    }

    private static void PaintRetina(Canvas canvas, SyntheticSubject subject, (float X, float Y) macula, ISeededRandom random)
    {
        var patient = new SeededRandom(subject.PatientSeed);
        float pigment = (float)patient.NextDouble();
        float[] ground = [0.86f - 0.22f * pigment, 0.43f - 0.17f * pigment - 0.06f * subject.SexCue, 0.20f - 0.10f * pigment];
        var choroid = new LatticeNoise(random.NextUInt64());
        int size = canvas.Size;
        for (int p = 0; p < size * size; p++)
        {
            float x = (p % size + 0.5f) / size;
            float y = (p / size + 0.5f) / size;
            float dx = x - macula.X;
            float dy = y - macula.Y;
            float m2 = dx * dx + dy * dy;
            float shade = 1 + 0.10f * choroid.Fractal(4 * x, 4 * y, 2) + 0.06f * choroid.Fractal(22 * x, 22 * y, 2);
            float dark = 0.42f * MathF.Exp(-m2 / 0.006f) + 0.16f * MathF.Exp(-m2 / 0.03f);
            for (int c = 0; c < 3; c++)
            {
                canvas.Planes[c][p] = ground[c] * shade * (1 - dark * (c == 0 ? 0.6f : 1f));
            }
        }
    }

    private static void PaintVessels(Canvas canvas, Stroke stroke, (float X, float Y) disc, (float X, float Y) macula, ISeededRandom random)
    {
        float temporal = Math.Sign(macula.X - disc.X);
        foreach ((float[] color, float width, float offset) in new[] { (VeinColor, 0.017f, 0.0f), (ArteryColor, 0.012f, 0.16f) })
        {
            foreach (float vertical in (ReadOnlySpan<float>)[-1, 1])
            {
                // The large arcades rise from the disc and bend around the macula; the nasal ones run straight away from it.
                Walk(stroke, disc, MathF.Atan2(vertical, temporal * (0.35f + offset)), -temporal * vertical * 2.3f, width * Between(random, 0.85, 1.2), 0.62f, random, 0);
                Walk(stroke, disc, MathF.Atan2(vertical * (0.8f - offset), -temporal), temporal * vertical * 0.8f, width * Between(random, 0.6, 0.9), 0.4f, random, 0);
            }

            canvas.BlendMap(stroke.Coverage, color);
        }
    }

    /// <summary>A vessel: a walk with slowly changing heading, thinning, that sends out branches.</summary>
    private static void Walk(Stroke stroke, (float X, float Y) at, float heading, float turn, float width, float length, ISeededRandom random, int generation)
    {
        const float Step = 0.012f;
        for (float walked = 0; walked < length && width > 0.0025f; walked += Step)
        {
            (float s, float c) = MathF.SinCos(heading);
            (float X, float Y) next = (at.X + Step * c, at.Y + Step * s);
            stroke.Curve(at, ((at.X + next.X) / 2, (at.Y + next.Y) / 2), next, width, width, 0.85f);
            at = next;
            heading += Step * turn + 0.075f * (float)random.NextGaussian();
            width *= 0.987f;
            if (generation < 3 && walked > 0.04f && random.NextDouble() < 0.06)
            {
                float away = (random.NextDouble() < 0.5 ? -1 : 1) * Between(random, 0.4, 0.9);
                Walk(stroke, at, heading + away, -0.5f * away, width * 0.68f, (length - walked) * 0.7f, random, generation + 1);
            }
        }
    }

    private static void PaintDisc(Canvas canvas, (float X, float Y) disc, ISeededRandom random)
    {
        float radius = Between(random, 0.062, 0.080);
        float cup = radius * Between(random, 0.3, 0.55);
        int size = canvas.Size;
        for (int p = 0; p < size * size; p++)
        {
            float dx = ((p % size + 0.5f) / size - disc.X) / 0.92f;
            float dy = (p / size + 0.5f) / size - disc.Y;
            float distance = MathF.Sqrt(dx * dx + dy * dy);
            if (distance < 2 * radius)
            {
                canvas.Blend(p, DiscColor, 0.78f * Inside(distance - radius, 0.009f));
                canvas.Blend(p, CupColor, 0.60f * Inside(distance - cup, 0.012f));
            }
        }
    }

    private static void PaintLesions(Canvas canvas, Stroke stroke, SyntheticSubject subject, (float X, float Y) disc, (float X, float Y) macula, ISeededRandom random)
    {
        (float bleeding, float fat, float cotton) = subject.Signs;
        for (int i = 0, count = Count(bleeding, 34, random); i < count; i++)
        {
            (float x, float y) = Place(disc, random);
            stroke.Disc(x, y, random.NextDouble() < 0.3 ? Between(random, 0.010, 0.022) : Between(random, 0.004, 0.008), Between(random, 0.6, 0.9));
        }

        canvas.BlendMap(stroke.Coverage, HaemorrhageColor);
        float angle = Between(random, 0, Math.Tau);
        for (int i = 0, count = Count(fat, 40, random); i < count; i++)
        {
            // Exudates gather in a broken ring about the macula.
            float a = angle + 1.6f * (float)random.NextGaussian();
            float r = 0.11f + 0.05f * (float)random.NextGaussian();
            stroke.Disc(macula.X + r * MathF.Cos(a), macula.Y + r * MathF.Sin(a), Between(random, 0.004, 0.013), Between(random, 0.6, 0.95));
        }

        canvas.BlendMap(stroke.Coverage, ExudateColor);
        for (int i = 0, count = Count(cotton, 7, random); i < count; i++)
        {
            (float x, float y) = Place(disc, random);
            for (int puff = 0; puff < 5; puff++)
            {
                stroke.Disc(x + 0.012f * (float)random.NextGaussian(), y + 0.012f * (float)random.NextGaussian(), Between(random, 0.008, 0.017), Between(random, 0.25, 0.5));
            }
        }

        canvas.BlendMap(stroke.Coverage, CottonColor);
    }

    private static int Count(float sign, int most, ISeededRandom random) => (int)(most * sign * sign * Between(random, 0.6, 1.3));

    private static (float X, float Y) Place((float X, float Y) disc, ISeededRandom random)
    {
        while (true)
        {
            float x = Between(random, 0.1, 0.9);
            float y = Between(random, 0.1, 0.9);
            bool isInside = (x - 0.5f) * (x - 0.5f) + (y - 0.5f) * (y - 0.5f) < 0.16f;
            if (isInside && (x - disc.X) * (x - disc.X) + (y - disc.Y) * (y - disc.Y) > 0.012f)
            {
                return (x, y);
            }
        }
    }

    private static void PaintCamera(Canvas canvas, SyntheticSubject subject, ISeededRandom random)
    {
        int size = canvas.Size;
        float radius = Between(random, 0.47, 0.49);
        float exposure = Between(random, 0.85, 1.10) * (1 - 0.10f * Math.Max(0, subject.AgeCue));
        float yellow = 1 - 0.35f * Math.Clamp(subject.AgeCue, -0.5f, 1.5f); // the lens of the eye yellows with age
        float lightX = Between(random, -0.3, 0.3);
        for (int p = 0; p < size * size; p++)
        {
            float dx = (p % size + 0.5f) / size - 0.5f;
            float dy = (p / size + 0.5f) / size - 0.5f;
            float r = MathF.Sqrt(dx * dx + dy * dy);
            float light = exposure * (1 + lightX * dx) * (1 - 1.1f * r * r);
            canvas.Planes[0][p] *= light;
            canvas.Planes[1][p] *= light;
            canvas.Planes[2][p] *= light * yellow;
            canvas.Blend(p, Surround, SmoothStep(radius - 0.008f, radius + 0.008f, r));
        }
    }
}
