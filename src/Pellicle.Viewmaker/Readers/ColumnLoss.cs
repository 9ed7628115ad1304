using Pellicle.Nn.Losses;
using Pellicle.Tensors;

namespace Pellicle.Viewmaker.Readers;

/// <summary>A loss of each picture, summed over columns; labels of all columns are given as [N, columns], −1 for unknown, which costs nothing.</summary>
/// <param name="reader">Whose outputs they are.</param>
/// <param name="perColumn">Loss of each picture [N] from logits [N, K] and labels [N] (0 where unknown).</param>
internal sealed class ColumnLoss(Reader reader, Func<Tensor, Tensor, Tensor> perColumn) : IPerImageLoss
{
    public Tensor PerImage(Tensor logits, Tensor labels)
    {
        long[] all = labels.ToArray<long>();
        int columns = reader.Classes.Count;
        Tensor? sum = null;
        for (int c = 0; c < columns; c++)
        {
            long[] own = [.. Enumerable.Range(0, all.Length / columns).Select(i => all[(i * columns) + c])];
            float[] known = Array.ConvertAll(own, label => label < 0 ? 0f : 1f);
            Tensor loss = perColumn(reader.Column(logits, c), Tensor.From<long>(Array.ConvertAll(own, label => Math.Max(0, label)), own.Length)) * Tensor.From<float>(known, known.Length);
            sum = sum is null ? loss : sum + loss;
        }

        return sum!;
    }
}
