using Pellicle.Core.Random;

namespace Pellicle.Data.Synthetic.Painting;

/// <summary>Outlines of a chest, seen from the front: the proportions belong to the patient, the position to the image.</summary>
internal sealed class ChestShape
{
    private readonly float _lungWidth;
    private readonly float _dome;
    private readonly float _heartSize;
    private readonly float _shoulder;

    public ChestShape(ulong patientSeed, ISeededRandom random)
    {
        var patient = new SeededRandom(patientSeed);
        HalfWidth = Between(patient, 0.37, 0.43);
        _lungWidth = Between(patient, 0.135, 0.160);
        _heartSize = Between(patient, 0.115, 0.150);
        _dome = Between(patient, 0.05, 0.09);
        _shoulder = Between(patient, 0.10, 0.16);
        MiddleX = 0.5f + Between(random, -0.02, 0.02);
        Top = Between(random, 0.11, 0.15);
        Base = Between(random, 0.74, 0.82); // depth of breath
    }

    public float MiddleX { get; }

    /// <summary>Height of the lung tips.</summary>
    public float Top { get; }

    /// <summary>Height of the diaphragm at the sides.</summary>
    public float Base { get; }

    public float HalfWidth { get; }

    /// <summary>1 in the body, 0 beside it.</summary>
    public float Body(float x, float y)
    {
        float dx = Math.Abs(x - MiddleX);
        float neck = 0.10f;
        float t = Math.Clamp((y - 0.02f) / _shoulder, 0f, 1f);
        float shoulders = neck + (0.56f - neck) * t * t * (3 - 2 * t);
        float u = Math.Clamp((y - 0.12f) / 0.33f, 0f, 1f);
        float chest = HalfWidth + 0.035f;
        float armpit = 0.62f + (chest - 0.62f) * u * u * (3 - 2 * u);
        return Soft(dx - Math.Min(shoulders, armpit), 0.010f);
    }

    /// <summary>1 in the lungs, 0 elsewhere.</summary>
    public float Lung(float x, float y)
    {
        float side = x < MiddleX ? -1 : 1;
        float dx = Math.Abs(x - MiddleX);
        float t = Math.Clamp((y - Top) / (Base - Top), 0f, 1.3f);
        float width = _lungWidth * MathF.Sqrt(Math.Clamp(3.2f * t, 0f, 1f)) * (0.74f + 0.26f * Math.Min(1, t));
        float middle = 0.130f + 0.070f * Math.Min(1, t);
        float lateral = Math.Abs(dx - middle) - width;
        float domeX = (dx - 0.17f) / 0.17f;
        float floor = Base - (side < 0 ? _dome + 0.015f : _dome) * (1 - domeX * domeX); // the liver lifts the right dome, on the left of the picture
        return Soft(lateral, 0.008f) * Soft(y - floor, 0.007f) * Soft(Top - y, 0.008f);
    }

    /// <summary>1 in the heart and the large vessels above it.</summary>
    public float Heart(float x, float y, float ageCue)
    {
        float dx = x - (MiddleX + 0.055f);
        float dy = y - (Base - 0.15f);
        (float s, float c) = (0.5f, 0.866f);
        float u = (c * dx + s * dy) / (_heartSize * 1.12f);
        float v = (-s * dx + c * dy) / (_heartSize * 0.82f);
        float heart = Soft(MathF.Sqrt(u * u + v * v) - 1, 0.06f);
        float mediastinum = Soft(Math.Abs(x - MiddleX) - 0.055f, 0.010f) * Soft(y - Base, 0.02f);
        float kx = (x - MiddleX - 0.055f) / 0.035f;
        float ky = (y - 0.33f) / 0.045f;
        float knob = Math.Clamp(0.35f + 0.65f * ageCue, 0f, 1.2f) * Soft(MathF.Sqrt(kx * kx + ky * ky) - 1, 0.12f); // the aortic arch stands out with age
        return Math.Max(heart, Math.Max(0.85f * mediastinum, 0.8f * knob));
    }

    /// <summary>The spine: a band with the rhythm of its bodies, fading behind the heart.</summary>
    public float Spine(float x, float y)
    {
        float band = Soft(Math.Abs(x - MiddleX) - 0.032f, 0.006f);
        return band * (0.75f + 0.25f * MathF.Cos(y * 2 * MathF.PI / 0.055f)) * (1 - 0.35f * Math.Clamp((y - 0.3f) / 0.4f, 0f, 1f));
    }

    private static float Soft(float distance, float softness) => 1f / (1f + MathF.Exp(Math.Clamp(distance / softness, -30f, 30f)));

    private static float Between(ISeededRandom random, double low, double high) => (float)(low + (high - low) * random.NextDouble());
}
