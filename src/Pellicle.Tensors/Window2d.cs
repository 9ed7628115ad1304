using System.Runtime.InteropServices;

namespace Pellicle.Tensors;

/// <summary>Geometry of a convolution or pooling window: height before width, in pixels.</summary>
/// <param name="KernelHeight">Rows of the window, at least 1.</param>
/// <param name="KernelWidth">Columns of the window, at least 1.</param>
/// <param name="StrideHeight">Step between windows, at least 1.</param>
/// <param name="StrideWidth">Step between windows, at least 1.</param>
/// <param name="PaddingHeight">Rows added above and below, at least 0.</param>
/// <param name="PaddingWidth">Columns added left and right, at least 0.</param>
/// <param name="DilationHeight">Distance between rows of the window, at least 1.</param>
/// <param name="DilationWidth">Distance between columns of the window, at least 1.</param>
/// <remarks>Output extent: (H + 2 padding − dilation (kernel − 1) − 1) / stride + 1, rounded down. The operators check the ranges.
/// The fields lie in memory as four pairs, which is how they go to the native side.</remarks>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct Window2d(
    long KernelHeight,
    long KernelWidth,
    long StrideHeight,
    long StrideWidth,
    long PaddingHeight = 0,
    long PaddingWidth = 0,
    long DilationHeight = 1,
    long DilationWidth = 1)
{
    /// <summary>A window alike in height and width.</summary>
    /// <param name="kernel">Extent.</param>
    /// <param name="stride">Step.</param>
    /// <param name="padding">Pixels added on each side.</param>
    /// <param name="dilation">Distance between taps.</param>
    public static Window2d Square(long kernel, long stride = 1, long padding = 0, long dilation = 1) =>
        new(kernel, kernel, stride, stride, padding, padding, dilation, dilation);

    /// <summary>Rows of the result.</summary>
    /// <param name="height">Rows of the input.</param>
    public long OutputHeight(long height) => ((height + (2 * PaddingHeight) - (DilationHeight * (KernelHeight - 1)) - 1) / StrideHeight) + 1;

    /// <summary>Columns of the result.</summary>
    /// <param name="width">Columns of the input.</param>
    public long OutputWidth(long width) => ((width + (2 * PaddingWidth) - (DilationWidth * (KernelWidth - 1)) - 1) / StrideWidth) + 1;
}
