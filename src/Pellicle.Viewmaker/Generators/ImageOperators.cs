using Pellicle.Tensors;

namespace Pellicle.Viewmaker.Generators;

/// <summary>Operators of libtorch on pictures that only this leg uses. All are differentiable.</summary>
internal static unsafe class ImageOperators
{
    public static readonly TensorOperator InstanceNorm = new("aten::instance_norm");
    private static readonly TensorOperator ReflectionPad = new("aten::reflection_pad2d");
    private static readonly TensorOperator ReplicationPad = new("aten::replication_pad2d");
    private static readonly TensorOperator Nearest = new("aten::upsample_nearest2d");
    private static readonly TensorOperator Bilinear = new("aten::upsample_bilinear2d");
    private static readonly TensorOperator GridSampler = new("aten::grid_sampler_2d");
    private static readonly TensorOperator RoundOperator = new("aten::round");
    private static readonly TensorOperator LeakyReluOperator = new("aten::leaky_relu");
    private static readonly TensorOperator InverseErrorOperator = new("aten::erfinv");
    private static readonly TensorOperator MinimumOperator = new("aten::minimum");

    /// <summary>Mirrors at the borders without repeating them: [N, C, H, W] to [N, C, H + top + bottom, W + left + right].</summary>
    public static Tensor PadReflected(Tensor images, long left, long right, long top, long bottom)
    {
        long* sides = stackalloc long[] { left, right, top, bottom };
        bool canReflect = Math.Max(left, right) < images.Size(3) && Math.Max(top, bottom) < images.Size(2);
        return (canReflect ? ReflectionPad : ReplicationPad).Call(images, OpArgument.Integers(sides, 4));
    }

    /// <summary>Repeats every pixel twice along both axes.</summary>
    public static Tensor Twice(Tensor images)
    {
        long* size = stackalloc long[] { images.Size(2) * 2, images.Size(3) * 2 };
        return Nearest.Call(images, OpArgument.Integers(size, 2));
    }

    /// <summary>Bilinear scaling, pixel centres at half-integers, without antialiasing.</summary>
    public static Tensor Scale(Tensor images, long height, long width)
    {
        if (images.Size(2) == height && images.Size(3) == width)
        {
            return images;
        }

        long* size = stackalloc long[] { height, width };
        return Bilinear.Call(images, OpArgument.Integers(size, 2), false);
    }

    /// <summary>Values at places: grid [N, H, W, 2] in −1..1 (x, then y), border pixels beyond the border.</summary>
    /// <param name="images">[N, C, H, W].</param>
    /// <param name="grid">Where.</param>
    /// <param name="isSharp">Bicubic, which keeps small spots and may overshoot; otherwise bilinear.</param>
    public static Tensor Sample(Tensor images, Tensor grid, bool isSharp = false)
    {
        const long bilinear = 0;
        const long bicubic = 2;
        const long border = 1;
        return GridSampler.Call(images, grid, isSharp ? bicubic : bilinear, border, false);
    }

    /// <summary>To the nearest whole number, halves to even. Its derivative is zero.</summary>
    public static Tensor Round(Tensor tensor) => RoundOperator.Call(tensor);

    /// <summary>max(x, 0.01·x).</summary>
    public static Tensor LeakyRelu(Tensor tensor) => LeakyReluOperator.Call(tensor, 0.01);

    /// <summary>The inverse of the error function, for values in (−1, 1).</summary>
    public static Tensor InverseError(Tensor tensor) => InverseErrorOperator.Call(tensor);

    /// <summary>The smaller of two tensors, element by element.</summary>
    public static Tensor Minimum(Tensor first, Tensor second) => MinimumOperator.Call(first, second);
}
