using Pellicle.Core.Random;

namespace Pellicle.Data.Synthetic.Painting;

/// <summary>Paints one kind of image.</summary>
internal abstract class Painter
{
    /// <summary>Harmless class, then the other; in sorted order.</summary>
    public abstract IReadOnlyList<string> Classes { get; }

    /// <summary>3 (RGB) or 1 (grey).</summary>
    public abstract int Channels { get; }

    /// <summary>The painter of a kind.</summary>
    public static Painter Of(SyntheticKind kind) => kind switch
    {
        SyntheticKind.Dermoscopy => new DermoscopyPainter(),
        SyntheticKind.Fundus => new FundusPainter(),
        SyntheticKind.Discs => new DiscsPainter(),
        SyntheticKind.XRay => new XRayPainter(),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    /// <summary>Fills the canvas. Coordinates of the picture run from 0 to 1, x to the right and y down.</summary>
    public abstract void Paint(Canvas canvas, SyntheticSubject subject, ISeededRandom random);

    /// <summary>Uniform between two values.</summary>
    protected static float Between(ISeededRandom random, double low, double high) => (float)(low + (high - low) * random.NextDouble());

    /// <summary>0 below the first edge, 1 above the second, smooth between.</summary>
    protected static float SmoothStep(float low, float high, float value)
    {
        float t = Math.Clamp((value - low) / (high - low), 0f, 1f);
        return t * t * (3 - 2 * t);
    }

    /// <summary>1 inside, 0 outside, with a soft edge: the logistic function of -distance/softness.</summary>
    protected static float Inside(float distance, float softness) => 1f / (1f + MathF.Exp(Math.Clamp(distance / softness, -30f, 30f)));
}
