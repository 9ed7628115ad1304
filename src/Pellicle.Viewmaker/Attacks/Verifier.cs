using Pellicle.Core.Random;
using Pellicle.Tensors;
using Pellicle.Viewmaker.Readers;
using Pellicle.Viewmaker.Subjects;
using Pellicle.Viewmaker.Training;

namespace Pellicle.Viewmaker.Attacks;

/// <summary>A Siamese network that tells whether two pictures show the same patient: embeddings learned from pairs, compared by their cosine.</summary>
internal sealed class Verifier : IDisposable
{
    private const int Width = 32;
    private readonly Reader _reader;

    public Verifier(int channels, int side, ISeededRandom init) => _reader = new Reader("cnn_plain", channels, side, [Width], init);

    /// <summary>Learns from pairs of one patient.</summary>
    /// <param name="first">Pictures.</param>
    /// <param name="second">Pictures of the same rows, such as the originals; or the same set again.</param>
    /// <param name="groups">Rows of each patient, at least two.</param>
    /// <param name="steps">Steps.</param>
    /// <param name="random">Draws.</param>
    /// <param name="cancellation">Checked between steps.</param>
    public void Fit(PictureSet first, PictureSet second, IReadOnlyList<int[]> groups, int steps, ISeededRandom random, CancellationToken cancellation)
    {
        using var step = new ReaderStep(_reader, new PairLoss(isParity: false));
        int patients = Math.Min(32, groups.Count);
        for (int i = 0; i < steps; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            using TensorScope scope = TensorScope.Open();
            ISeededRandom own = random.Derive("pairs", (ulong)i);
            int[] drawn = [.. Enumerable.Range(0, groups.Count)];
            own.Shuffle(drawn.AsSpan());
            var a = new int[patients];
            var b = new int[patients];
            for (int p = 0; p < patients; p++)
            {
                int[] rows = groups[drawn[p]];
                int place = own.NextInt(rows.Length);
                a[p] = rows[place];
                b[p] = rows[(place + 1 + own.NextInt(rows.Length - 1)) % rows.Length];
            }

            step.Take(Tensor.Concatenate(0, first.Batch(a), second.Batch(b)), Tensor.Zeros(2 * patients), 1e-3);
        }
    }

    /// <summary>Embeddings of length 1, one a picture.</summary>
    public float[][] Embed(PictureSet pictures) => [.. _reader.Outputs(pictures).Chunk(Width).Select(row =>
    {
        double length = Math.Sqrt(row.Sum(v => (double)v * v) + 1e-12);
        return Array.ConvertAll(row, v => (float)(v / length));
    })];

    public void Dispose() => _reader.Dispose();
}
