using Pellicle.Nn;
using Pellicle.Tensors;

namespace Pellicle.Models;

/// <summary>Makes a tensor of public weights fit a parameter of another image size or number of channels, where that has a meaning.</summary>
internal static unsafe class WeightFitting
{
    private static readonly TensorOperator Bicubic = new("aten::upsample_bicubic2d");

    /// <summary>The values in the parameter's shape, or null if they cannot be made to fit.</summary>
    /// <param name="parameter">Where they go.</param>
    /// <param name="values">From the file.</param>
    /// <param name="shape">Their shape.</param>
    /// <param name="note">What was changed, or null if nothing was.</param>
    public static float[]? Fit(Parameter parameter, float[] values, long[] shape, out string? note)
    {
        note = null;
        if (parameter.Shape.SequenceEqual(shape))
        {
            return values;
        }

        using TensorScope scope = TensorScope.Open();
        Tensor tensor = Tensor.From<float>(values, shape);
        if (parameter.Name == "pos_embed" && shape.Length == 3 && shape[2] == parameter.Shape[2])
        {
            return Positions(parameter, tensor, out note);
        }

        if (shape.Length == 4 && parameter.Shape.Count == 4 && shape[1] == 3 && parameter.Shape[1] == 1
            && shape[0] == parameter.Shape[0] && shape[2] == parameter.Shape[2] && shape[3] == parameter.Shape[3])
        {
            note = $"{parameter.Name}: summed over the three colours, for grey images";
            return tensor.Sum(1, true).ToArray<float>();
        }

        return null;
    }

    // Dosovitskiy et al. 2021, section 3.2: positions are interpolated in two dimensions; the class token's stays.
    private static float[]? Positions(Parameter parameter, Tensor table, out string? note)
    {
        note = null;
        long width = table.Size(2);
        long from = (long)Math.Round(Math.Sqrt(table.Size(1) - 1));
        long to = (long)Math.Round(Math.Sqrt(parameter.Shape[1] - 1));
        if ((from * from) + 1 != table.Size(1))
        {
            return null;
        }

        Tensor grid = table.Narrow(1, 1, from * from).Reshape(1, from, from, width).Permute(0, 3, 1, 2).Contiguous();
        long* size = stackalloc long[2] { to, to };
        Tensor resized = Bicubic.Call(grid, OpArgument.Integers(size, 2), false).Permute(0, 2, 3, 1).Reshape(1, to * to, width);
        note = $"{parameter.Name}: interpolated from {from}x{from} to {to}x{to} patches";
        return Tensor.Concatenate(1, table.Narrow(1, 0, 1), resized).ToArray<float>();
    }
}
