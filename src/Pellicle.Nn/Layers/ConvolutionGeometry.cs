using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>Window, stride, padding, dilation and groups of a two-dimensional convolution.</summary>
/// <param name="KernelHeight">Rows of the window.</param>
/// <param name="KernelWidth">Columns of the window.</param>
/// <param name="Stride">Step in both directions.</param>
/// <param name="Padding">Zeros added on each side.</param>
/// <param name="Dilation">Distance between the taps of the window.</param>
/// <param name="Groups">Channel groups that do not see each other.</param>
public sealed unsafe record ConvolutionGeometry(int KernelHeight, int KernelWidth, int Stride = 1, int Padding = 0, int Dilation = 1, int Groups = 1)
{
    /// <summary>The convolution by libtorch.</summary>
    /// <param name="input">[N, C, H, W].</param>
    /// <param name="weight">[K, C/groups, kh, kw].</param>
    /// <param name="bias">[K], or null.</param>
    /// <returns>[N, K, H', W'].</returns>
    public Tensor Convolve(Tensor input, Tensor weight, Tensor? bias)
    {
        long* stride = stackalloc long[2] { Stride, Stride };
        long* padding = stackalloc long[2] { Padding, Padding };
        long* dilation = stackalloc long[2] { Dilation, Dilation };
        return AtenOperators.Conv2d.Call(
            input, weight, bias, OpArgument.Integers(stride, 2), OpArgument.Integers(padding, 2), OpArgument.Integers(dilation, 2), (long)Groups);
    }

    /// <summary>The windows as rows, per group.</summary>
    /// <param name="input">[N, C, H, W].</param>
    /// <param name="positions">T = H'·W'.</param>
    /// <returns>[N, groups, T, C/groups·kh·kw]; for one group contiguous or the transpose of a contiguous tensor.</returns>
    public Tensor Unfold(Tensor input, long positions)
    {
        ArgumentNullException.ThrowIfNull(input);
        long n = input.Size(0);
        if (KernelHeight == KernelWidth && Dilation == 1 && Groups == 1)
        {
            return WindowOperators.Unfold(input, Window2d.Square(KernelHeight, Stride, Padding)).Reshape(n, 1, positions, -1);
        }

        long* kernel = stackalloc long[2] { KernelHeight, KernelWidth };
        long* stride = stackalloc long[2] { Stride, Stride };
        long* padding = stackalloc long[2] { Padding, Padding };
        long* dilation = stackalloc long[2] { Dilation, Dilation };
        Tensor columns = AtenOperators.Im2Col.Call(
            input, OpArgument.Integers(kernel, 2), OpArgument.Integers(dilation, 2), OpArgument.Integers(padding, 2), OpArgument.Integers(stride, 2));
        return columns.Reshape(n, Groups, -1, positions).Transpose();
    }
}
