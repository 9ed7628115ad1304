using Pellicle.Core.Random;

namespace Pellicle.Data.Synthetic.Painting;

/// <summary>Skin lesions: light passes melanin and blood, whose densities are painted, and comes back coloured.</summary>
/// <remarks>Colour is skin reflectance times exp(-density · absorption) (Beer and Lambert), with absorption rising from red to blue for melanin and
/// highest in green for blood; deep pigment scatters back as a blue-grey veil. The three signs are those of the ABC rule: asymmetry, border, colour.</remarks>
internal sealed class DermoscopyPainter : Painter
{
    private static readonly float[] Reflectance = [0.97f, 0.85f, 0.79f];
    private static readonly float[] MelaninAbsorption = [0.46f, 0.86f, 1.32f];
    private static readonly float[] BloodAbsorption = [0.10f, 0.72f, 0.56f];
    private static readonly float[] Veil = [0.44f, 0.49f, 0.58f];
    private static readonly float[] DarkHair = [0.11f, 0.08f, 0.07f];
    private static readonly float[] FairHair = [0.50f, 0.36f, 0.23f];
    private static readonly float[] Lens = [0.02f, 0.02f, 0.02f];
    private static readonly float[] Glare = [1f, 0.99f, 0.98f];

    public override IReadOnlyList<string> Classes { get; } = ["benign", "malignant"];

    public override int Channels => 3;

    public override void Paint(Canvas canvas, SyntheticSubject subject, ISeededRandom random)
    {
        var shape = new LesionShape(subject.Signs.First, subject.Signs.Second, random);
        PaintSkinAndLesion(canvas, subject, shape, random);
        PaintHairs(canvas, subject, random);
        PaintOptics(canvas, random);
    }

    private static void PaintSkinAndLesion(Canvas canvas, SyntheticSubject subject, LesionShape shape, ISeededRandom random)
    {
        (float skinMelanin, float skinBlood) = SkinTone(subject);
        var texture = new LatticeNoise(random.NextUInt64());
        var blotch = new LatticeNoise(random.NextUInt64());
        var spots = new LatticeNoise(random.NextUInt64());
        var pigment = new LesionPigment(subject.Signs, shape, random);
        float lentigines = 0.9f * Math.Max(0, subject.AgeCue);
        int size = canvas.Size;
        for (int iy = 0; iy < size; iy++)
        {
            float y = (iy + 0.5f) / size;
            for (int ix = 0; ix < size; ix++)
            {
                float x = (ix + 0.5f) / size;
                float melanin = skinMelanin * (1 + 0.22f * blotch.Smooth(3 * x, 3 * y) + 0.25f * texture.Fractal(28 * x, 28 * y, 2));
                float blood = skinBlood * (1 + 0.45f * blotch.Fractal(5 * x + 40, 5 * y, 2) + 0.25f * texture.Smooth(14 * x - 30, 14 * y));
                if (lentigines > 0)
                {
                    melanin += lentigines * SmoothStep(0.25f, 0.7f, spots.Fractal(7 * x, 7 * y, 2));
                }

                float veil = 0;
                pigment.Add(x, y, ref melanin, ref blood, ref veil);
                int p = iy * size + ix;
                for (int c = 0; c < 3; c++)
                {
                    float light = Reflectance[c] * MathF.Exp(-melanin * MelaninAbsorption[c] - blood * BloodAbsorption[c]);
                    canvas.Planes[c][p] = light + veil * (Veil[c] - light);
                }
            }
        }
    }

    /// <summary>Shared by all images of a patient. Mostly fair, some dark skin; sex, where planted, shows as redness.</summary>
    private static (float Melanin, float Blood) SkinTone(SyntheticSubject subject)
    {
        var random = new SeededRandom(subject.PatientSeed);
        float u = (float)random.NextDouble();
        float melanin = 0.04f + 0.45f * u * u * u;
        float blood = Between(random, 0.16, 0.36);
        return (Math.Max(0.02f, melanin + 0.05f * subject.AgeCue), Math.Clamp(blood - 0.16f * subject.SexCue, 0.02f, 0.9f));
    }

    private static void PaintHairs(Canvas canvas, SyntheticSubject subject, ISeededRandom random)
    {
        int count = random.NextDouble() < 0.55 ? random.NextInt(9) : 0;
        count = Math.Max(0, count + (int)MathF.Round(5 * subject.SexCue));
        var stroke = new Stroke(canvas.Size);
        float grain = Between(random, 0, Math.PI); // hairs of one place lean the same way
        for (int i = 0; i < count; i++)
        {
            float angle = grain + Between(random, -0.5, 0.5);
            (float s, float c) = MathF.SinCos(angle);
            (float X, float Y) middle = (Between(random, 0, 1), Between(random, 0, 1));
            float half = Between(random, 0.15, 0.55);
            float bow = Between(random, -0.15, 0.15);
            float width = Between(random, 0.006, 0.013);
            stroke.Curve(
                (middle.X - half * c, middle.Y - half * s),
                (middle.X - bow * s, middle.Y + bow * c),
                (middle.X + half * c, middle.Y + half * s),
                width,
                width * 0.4f,
                Between(random, 0.55, 0.9));
        }

        canvas.BlendMap(stroke.Coverage, random.NextDouble() < 0.75 ? DarkHair : FairHair);
    }

    /// <summary>Uneven light, bubbles of the contact gel, the round rim of the lens, and the camera's white balance.</summary>
    private static void PaintOptics(Canvas canvas, ISeededRandom random)
    {
        int size = canvas.Size;
        var stroke = new Stroke(size);
        int bubbles = random.NextDouble() < 0.15 ? 1 + random.NextInt(4) : 0;
        for (int i = 0; i < bubbles; i++)
        {
            stroke.Disc(Between(random, 0, 1), Between(random, 0, 1), Between(random, 0.006, 0.02), Between(random, 0.4, 0.8));
        }

        canvas.BlendMap(stroke.Coverage, Glare);
        float lens = random.NextDouble() < 0.08 ? Between(random, 0.52, 0.62) : 2f;
        float tiltX = Between(random, -0.14, 0.14);
        float tiltY = Between(random, -0.14, 0.14);
        float falloff = Between(random, 0.05, 0.35);
        float exposure = Between(random, 0.90, 1.06);
        float[] balance = [exposure * Between(random, 0.97, 1.03), exposure, exposure * Between(random, 0.94, 1.06)];
        for (int p = 0; p < size * size; p++)
        {
            float dx = (p % size + 0.5f) / size - 0.5f;
            float dy = (p / size + 0.5f) / size - 0.5f;
            float r2 = dx * dx + dy * dy;
            float light = (1 + tiltX * dx + tiltY * dy) * (1 - falloff * r2);
            for (int c = 0; c < 3; c++)
            {
                canvas.Planes[c][p] *= light * balance[c];
            }

            if (lens < 1)
            {
                canvas.Blend(p, Lens, SmoothStep(lens - 0.02f, lens + 0.02f, MathF.Sqrt(r2)));
            }
        }
    }
}
