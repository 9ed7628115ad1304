using System.Buffers;
using Pellicle.Core.Random;

namespace Pellicle.Data.Augmentations;

/// <summary>Moves by whole pixels, up to 1/8 of the size each way; what comes in at an edge is the mirror image of what lies there.</summary>
internal sealed class ShiftStep : AugmentationStep
{
    private const int Share = 8;

    public override void Apply(Span<float> image, int channels, int height, int width, ISeededRandom random)
    {
        int dx = random.NextInt(2 * (width / Share) + 1) - width / Share;
        int dy = random.NextInt(2 * (height / Share) + 1) - height / Share;
        Move(image, channels, height, width, dx, dy);
    }

    /// <summary>Moves right by dx and down by dy, each at most half the size.</summary>
    internal static void Move(Span<float> image, int channels, int height, int width, int dx, int dy)
    {
        if (dx == 0 && dy == 0)
        {
            return;
        }

        int plane = height * width;
        float[] scratch = ArrayPool<float>.Shared.Rent(plane);
        try
        {
            for (int c = 0; c < channels; c++)
            {
                Span<float> target = image.Slice(c * plane, plane);
                ReadOnlySpan<float> source = scratch.AsSpan(0, plane);
                target.CopyTo(scratch);
                for (int y = 0; y < height; y++)
                {
                    MoveRow(source.Slice(Mirror(y - dy, height) * width, width), target.Slice(y * width, width), dx);
                }
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(scratch);
        }
    }

    private static void MoveRow(ReadOnlySpan<float> source, Span<float> target, int dx)
    {
        int width = source.Length;
        if (dx >= 0)
        {
            source[..(width - dx)].CopyTo(target[dx..]);
            for (int x = 0; x < dx; x++)
            {
                target[x] = source[Mirror(x - dx, width)];
            }
        }
        else
        {
            source[-dx..].CopyTo(target);
            for (int x = width + dx; x < width; x++)
            {
                target[x] = source[Mirror(x - dx, width)];
            }
        }
    }

    /// <summary>-1 → 1, -2 → 2, size → size - 2: the edge itself is not repeated.</summary>
    private static int Mirror(int index, int size) => index < 0 ? -index : index >= size ? 2 * size - 2 - index : index;
}
