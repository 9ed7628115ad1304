using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>Window, stride, padding, dilation and groups of a three-dimensional convolution.</summary>
/// <param name="KernelDepth">Slices of the window.</param>
/// <param name="KernelHeight">Rows of the window.</param>
/// <param name="KernelWidth">Columns of the window.</param>
/// <param name="Stride">Step in all directions.</param>
/// <param name="Padding">Zeros added on each side.</param>
/// <param name="Dilation">Distance between the taps of the window.</param>
/// <param name="Groups">Channel groups that do not see each other.</param>
public sealed unsafe record VolumeGeometry(int KernelDepth, int KernelHeight, int KernelWidth, int Stride = 1, int Padding = 0, int Dilation = 1, int Groups = 1)
{
    /// <summary>Padding "same": the output has the extents of the input; <see cref="Padding"/> is not used. For stride 1.</summary>
    /// <remarks>Where the zeros needed are odd in number, the last slice, row or column gets one more, as in torch.</remarks>
    public bool KeepsSize { get; init; }

    /// <summary>Taps of the window.</summary>
    internal long Taps => (long)KernelDepth * KernelHeight * KernelWidth;

    /// <summary>Adds all zeros around the volume.</summary>
    /// <param name="input">[N, C, D, H, W].</param>
    internal Tensor Pad(Tensor input)
    {
        long* margins = stackalloc long[6];
        int[] kernels = [KernelWidth, KernelHeight, KernelDepth];
        bool any = false;
        for (int i = 0; i < 3; i++)
        {
            int needed = KeepsSize ? Dilation * (kernels[i] - 1) : 2 * Padding;
            margins[2 * i] = needed / 2;
            margins[(2 * i) + 1] = needed - (needed / 2);
            any |= needed > 0;
        }

        return any ? NnOperators.PadConstant.Call(input, OpArgument.Integers(margins, 6), 0.0) : input;
    }

    /// <summary>The convolution of a padded volume.</summary>
    /// <param name="padded">From <see cref="Pad"/>.</param>
    /// <param name="weight">[K, C/groups, kd, kh, kw].</param>
    /// <param name="bias">[K], or null.</param>
    internal Tensor Convolve(Tensor padded, Tensor weight, Tensor? bias)
    {
        long* stride = stackalloc long[3] { Stride, Stride, Stride };
        long* none = stackalloc long[3] { 0, 0, 0 };
        long* dilation = stackalloc long[3] { Dilation, Dilation, Dilation };
        return NnOperators.Conv3d.Call(padded, weight, bias, OpArgument.Integers(stride, 3), OpArgument.Integers(none, 3), OpArgument.Integers(dilation, 3), Groups);
    }

    /// <summary>All windows of a padded volume as rows, in the order of the weights.</summary>
    /// <param name="padded">[N, C, D, H, W], with padding.</param>
    /// <param name="positions">Output positions in depth, height and width.</param>
    /// <returns>[N, T, C, kd·kh·kw].</returns>
    internal Tensor Windows(Tensor padded, ReadOnlySpan<long> positions)
    {
        Tensor volume = padded.Contiguous();
        (long n, long c, long depth, long height, long width) = (volume.Size(0), volume.Size(1), volume.Size(2), volume.Size(3), volume.Size(4));
        long* sizes = stackalloc long[8] { n, positions[0], positions[1], positions[2], c, KernelDepth, KernelHeight, KernelWidth };
        long* strides = stackalloc long[8]
        {
            c * depth * height * width, Stride * height * width, Stride * width, Stride, depth * height * width, Dilation * height * width, Dilation * width, Dilation,
        };
        return NnOperators.AsStrided.Call(volume, OpArgument.Integers(sizes, 8), OpArgument.Integers(strides, 8))
            .Reshape(n, positions[0] * positions[1] * positions[2], c, Taps);
    }
}
