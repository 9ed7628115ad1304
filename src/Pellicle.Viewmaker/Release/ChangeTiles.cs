using Pellicle.Nn;
using Pellicle.Tensors;
using Pellicle.Viewmaker.Readers;
using Pellicle.Viewmaker.Subjects;

namespace Pellicle.Viewmaker.Release;

/// <summary>Tiles of a row: original, obfuscated, difference with its scale at the right edge, and what the attacker looks at before and after.</summary>
/// <param name="attacker">The attacker trained on originals.</param>
internal sealed class ChangeTiles(Reader attacker)
{
    /// <summary>Factor of the difference.</summary>
    public const int Magnified = 8;

    /// <summary>The five tiles of a picture, [S, S, 3] in 0..1. Difference: grey is no change, white +1/16 of the range and more, black −1/16.</summary>
    /// <param name="before">Original.</param>
    /// <param name="after">Obfuscated, same row.</param>
    /// <param name="row">Which.</param>
    public IReadOnlyList<float[]> Of(PictureSet before, PictureSet after, int row) =>
        [Tile(before, k => before[row][k] / 255f), Tile(after, k => after[row][k] / 255f), Difference(before, after, row), Saliency(before, row), Saliency(after, row)];

    private static float[] Tile(PictureSet set, Func<int, float> sample)
    {
        int plane = set.Side * set.Side;
        var tile = new float[3 * plane];
        for (int i = 0; i < tile.Length; i++)
        {
            tile[i] = sample((set.Channels == 3 ? i % 3 * plane : 0) + (i / 3));
        }

        return tile;
    }

    private static float[] Difference(PictureSet before, PictureSet after, int row)
    {
        float[] tile = Tile(before, k => 0.5f + (Magnified * (after[row][k] - before[row][k]) / 255f));
        int side = before.Side, bar = Math.Max(1, side / 16);
        for (int y = 0; y < side; y++)
        {
            for (int x = side - bar; x < side; x++)
            {
                tile.AsSpan(3 * ((y * side) + x), 3).Fill(1 - ((y + 0.5f) / side)); // the scale: +1/16 of the range at the top, −1/16 at the bottom
            }
        }

        return tile;
    }

    // |derivative of the largest margin|, largest over channels, scaled to the picture's own maximum.
    private float[] Saliency(PictureSet set, int row)
    {
        using GradientMode recording = GradientMode.Recording();
        using TensorScope scope = TensorScope.Open();
        Tensor picture = set.Batch([row]).RequireGradient();
        Tensor logits = attacker.Column(attacker.Read(picture, ForwardContext.Evaluation()), 0);
        Tensor margin = (logits.Maximum() * 2) - logits.Sum();
        float[] slope = Tensor.Gradients(margin, [picture])[0]!.Contiguous().ToArray<float>();
        int plane = set.Side * set.Side;
        var strength = new float[plane];
        for (int i = 0; i < slope.Length; i++)
        {
            strength[i % plane] = Math.Max(strength[i % plane], Math.Abs(slope[i]));
        }

        float most = Math.Max(1e-12f, strength.Max());
        return [.. Enumerable.Range(0, 3 * plane).Select(i => strength[i / 3] / most)];
    }
}
