using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>Window, stride, padding, dilation and groups of a two-dimensional convolution.</summary>
/// <param name="KernelHeight">Rows of the window.</param>
/// <param name="KernelWidth">Columns of the window.</param>
/// <param name="Stride">Step in both directions.</param>
/// <param name="Padding">Zeros added on each side.</param>
/// <param name="Dilation">Distance between the taps of the window.</param>
/// <param name="Groups">Channel groups that do not see each other.</param>
public sealed record ConvolutionGeometry(int KernelHeight, int KernelWidth, int Stride = 1, int Padding = 0, int Dilation = 1, int Groups = 1)
{
    /// <summary>The window as operators take it.</summary>
    public Window2d Window => new(KernelHeight, KernelWidth, Stride, Stride, Padding, Padding, Dilation, Dilation);
}
