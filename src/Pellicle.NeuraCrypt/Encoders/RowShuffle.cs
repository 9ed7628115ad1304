using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Encoders;

/// <summary>Puts the rows of each image of a batch into an order of its own.</summary>
internal static class RowShuffle
{
    /// <summary>Reorders rows.</summary>
    /// <param name="encodings">[B, P, hidden].</param>
    /// <param name="orderOf">Gives image i its order: row r of the result is row order[r] of the input.</param>
    /// <returns>[B, P, hidden], of the caller's scope.</returns>
    public static Tensor Apply(Tensor encodings, Func<int, int[]> orderOf)
    {
        using TensorScope scope = TensorScope.Open();
        var images = new Tensor[encodings.Size(0)];
        for (int i = 0; i < images.Length; i++)
        {
            int[] order = orderOf(i);
            images[i] = encodings.Select(0, i).IndexSelect(0, Tensor.From<long>(Array.ConvertAll(order, row => (long)row), order.Length));
        }

        return scope.Keep(Tensor.Stack(0, images));
    }
}
