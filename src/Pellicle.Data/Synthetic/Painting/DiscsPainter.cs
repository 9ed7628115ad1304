using Pellicle.Core.Random;

namespace Pellicle.Data.Synthetic.Painting;

/// <summary>Bright discs with one dark vessel: the plain benchmark of learned obfuscation, in which sex shows in the disc's radius and shading, age in the vessel and the exposure, and disease in bright spots.</summary>
/// <remarks>Coordinates in −½..½. Radius 0.40 ± 0.018 by sex + N(0, 0.012²), edge slope 60; shading 0.62 ± 0.10·y by sex + N(0, 0.05²) + N(0, 0.08²)·x; vessel at a random angle, depth 0.22, width 0.03, slightly curved;
/// disease: 2 to 4 spots of height 0.30 as exp(−ρ²/0.0012) at uniform places in ±0.25; channels times 1, ½, ¼; pixel noise N(0, 0.03²).</remarks>
internal sealed class DiscsPainter : Painter
{
    private static readonly float[] ChannelScale = [1, 0.5f, 0.25f];

    public override IReadOnlyList<string> Classes { get; } = ["plain", "spots"];

    public override int Channels => 3;

    public override void Paint(Canvas canvas, SyntheticSubject subject, ISeededRandom random)
    {
        float Normal(double deviation) => (float)(deviation * random.NextGaussian());
        float radius = 0.40f + (0.018f * subject.SexCue) + Normal(0.012);
        float level = 0.62f + (0.06f * subject.AgeCue) + Normal(0.05);
        float slopeX = Normal(0.08), slopeY = 0.10f * subject.SexCue;
        float angle = Between(random, 0, Math.Tau), bend = Between(random, -0.6, 0.6), depth = 0.22f + (0.10f * subject.AgeCue);
        (float Cos, float Sin) turn = (MathF.Cos(angle), MathF.Sin(angle));
        (float X, float Y)[] spots = [.. Enumerable.Range(0, 2 + random.NextInt(3)).Select(_ => (Between(random, -0.25, 0.25), Between(random, -0.25, 0.25)))];
        int size = canvas.Size;
        double noise = size > 256 ? 0.03 : 0.06; // up to 128 pixels a finished pixel is the mean of two by two fine ones
        for (int p = 0; p < size * size; p++)
        {
            float x = ((p % size) + 0.5f) / size - 0.5f, y = ((p / size) + 0.5f) / size - 0.5f;
            float disc = 1 / (1 + MathF.Exp(Math.Clamp(60 * (MathF.Sqrt((x * x) + (y * y)) - radius), -30, 30)));
            float along = (x * turn.Cos) + (y * turn.Sin), across = (y * turn.Cos) - (x * turn.Sin) + (bend * along * along);
            float value = level + (slopeX * x) + (slopeY * y) - (depth * MathF.Exp(-(across * across) / (0.03f * 0.03f)));
            for (int i = 0; subject.Record.Label == 1 && i < spots.Length; i++)
            {
                float dx = x - spots[i].X, dy = y - spots[i].Y;
                value += 0.30f * MathF.Exp(-((dx * dx) + (dy * dy)) / 0.0012f);
            }

            for (int c = 0; c < 3; c++)
            {
                canvas.Planes[c][p] = Math.Clamp((disc * value * ChannelScale[c]) + Normal(noise), 0, 1);
            }
        }
    }
}
