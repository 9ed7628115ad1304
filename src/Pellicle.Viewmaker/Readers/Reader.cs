using Pellicle.Core.Random;
using Pellicle.Models;
using Pellicle.Nn;
using Pellicle.Tensors;
using Pellicle.Viewmaker.Subjects;

namespace Pellicle.Viewmaker.Readers;

/// <summary>A network that reads one or several columns from pictures; its outputs are the columns' classes side by side.</summary>
internal sealed class Reader : IDisposable
{
    private readonly int[] _starts;

    public Reader(string architecture, int channels, int side, IReadOnlyList<int> classes, ISeededRandom init)
    {
        Architecture = architecture;
        Classes = classes;
        _starts = [.. classes.Select((_, i) => classes.Take(i).Sum())];
        Network = ReaderCatalog.Create(architecture, new ModelOptions(side, channels, classes.Sum()), init);
    }

    /// <summary>Name in <see cref="ReaderCatalog"/>.</summary>
    public string Architecture { get; }

    /// <summary>Number of classes of each column.</summary>
    public IReadOnlyList<int> Classes { get; }

    public ImageClassifier Network { get; }

    /// <summary>A reader for columns of pictures.</summary>
    public static Reader For(string architecture, PictureSet pictures, IReadOnlyList<SubjectColumn> columns, ISeededRandom init) =>
        new(architecture, pictures.Channels, pictures.Side, [.. columns.Select(column => column.Classes.Count)], init);

    /// <summary>All outputs.</summary>
    /// <param name="pictures">[N, C, S, S] in 0..1; differentiable.</param>
    /// <param name="context">Mode and tape.</param>
    /// <returns>[N, ΣK].</returns>
    public Tensor Read(Tensor pictures, ForwardContext context) => Network.Forward((pictures * 2) - 1, context);

    /// <summary>The part of the outputs that belongs to a column.</summary>
    /// <param name="outputs">[N, ΣK].</param>
    /// <param name="column">Which.</param>
    /// <returns>Logits [N, K].</returns>
    public Tensor Column(Tensor outputs, int column) => outputs.Narrow(1, _starts[column], Classes[column]);

    /// <summary>Logits of pictures, outside any derivative graph.</summary>
    /// <param name="pictures">Any number.</param>
    /// <returns>[n, ΣK], row by row.</returns>
    public float[] Outputs(PictureSet pictures)
    {
        const int batch = 128;
        using GradientMode off = GradientMode.Off();
        int width = Classes.Sum();
        var outputs = new float[pictures.Count * width];
        for (int start = 0; start < pictures.Count; start += batch)
        {
            using TensorScope scope = TensorScope.Open();
            int[] rows = [.. Enumerable.Range(start, Math.Min(batch, pictures.Count - start))];
            Read(pictures.Batch(rows), ForwardContext.Evaluation()).Contiguous().Data<float>().CopyTo(outputs.AsSpan(start * width));
        }

        return outputs;
    }

    /// <summary>Scores of a column: logit margins z_k − log Σ_(j≠k) exp z_j, which do not saturate.</summary>
    /// <param name="outputs">As <see cref="Outputs"/> gave them.</param>
    /// <param name="column">Which.</param>
    /// <returns>One array of n scores a class.</returns>
    public double[][] Margins(float[] outputs, int column)
    {
        int width = Classes.Sum(), classes = Classes[column], start = _starts[column];
        double[][] margins = [.. Enumerable.Range(0, classes).Select(_ => new double[outputs.Length / width])];
        for (int i = 0; i < margins[0].Length; i++)
        {
            ReadOnlySpan<float> logits = outputs.AsSpan((i * width) + start, classes);
            for (int k = 0; k < classes; k++)
            {
                double highest = double.NegativeInfinity;
                for (int j = 0; j < classes; j++)
                {
                    highest = j == k ? highest : Math.Max(highest, logits[j]);
                }

                double others = 0;
                for (int j = 0; j < classes; j++)
                {
                    others += j == k ? 0 : Math.Exp(logits[j] - highest);
                }

                // Rounded, so that pictures without any difference tie whatever batch they were in.
                margins[k][i] = Math.Round(logits[k] - highest - Math.Log(others), 5);
            }
        }

        return margins;
    }

    /// <summary>The weights, copied.</summary>
    public float[][] Snapshot() => [.. Network.Parameters.Select(parameter => parameter.Value.ToArray<float>())];

    /// <summary>Takes weights back.</summary>
    public void Restore(float[][] weights)
    {
        for (int i = 0; i < weights.Length; i++)
        {
            weights[i].CopyTo(Network.Parameters[i].Value.Data<float>());
        }
    }

    public void Dispose() => Network.Dispose();
}
