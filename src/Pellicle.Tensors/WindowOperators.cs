namespace Pellicle.Tensors;

/// <summary>Those of <see cref="PellicleOperators"/> that take a window, with their arguments in words.</summary>
public static unsafe class WindowOperators
{
    /// <summary>Maxima of windows.</summary>
    /// <param name="images">[N, C, H, W].</param>
    /// <param name="window">At most 256 pixels; padding at most half the kernel.</param>
    /// <returns>[N, C, H', W'], channels last in memory.</returns>
    public static Tensor MaxPool(Tensor images, Window2d window)
    {
        var w = new WindowArguments(&window);
        return PellicleOperators.MaxPool.Call(images, w.Kernel, w.Stride, w.Padding, w.Dilation);
    }

    /// <summary>Convolution whose derivative is that of the images only.</summary>
    /// <param name="images">[N, C, H, W].</param>
    /// <param name="weight">[p, C / groups, kh, kw].</param>
    /// <param name="bias">[p], or none.</param>
    /// <param name="window">Its kernel must be the weight's.</param>
    /// <param name="groups">Divides C and p.</param>
    /// <returns>[N, p, H', W'], channels last in memory.</returns>
    public static Tensor Conv2d(Tensor images, Tensor weight, Tensor? bias, Window2d window, int groups = 1)
    {
        var w = new WindowArguments(&window);
        return PellicleOperators.Conv2d.Call(images, weight, bias, w.Stride, w.Padding, w.Dilation, groups);
    }

    /// <summary>Windows as rows, in the order of the weights.</summary>
    /// <param name="images">[N, C, H, W], float32 or bfloat16.</param>
    /// <param name="window">Padding counts as zeros.</param>
    /// <returns>[N, T, C · kh · kw].</returns>
    public static Tensor Unfold(Tensor images, Window2d window)
    {
        var w = new WindowArguments(&window);
        return PellicleOperators.Unfold.Call(images, w.Kernel, w.Stride, w.Padding, w.Dilation);
    }

    /// <summary>Squared norms of the per-unit gradients of a convolution by Gram matrices.</summary>
    /// <param name="images">Input [N, C, H, W].</param>
    /// <param name="gradient">Of the output, [N, p, H', W'].</param>
    /// <param name="hasBias">Adds the bias gradient's part.</param>
    /// <param name="window">That of the convolution.</param>
    /// <param name="groups">That of the convolution.</param>
    /// <param name="offsets">Units, or none: one image each.</param>
    /// <returns>As <see cref="PellicleOperators.GramNorms"/>.</returns>
    public static (Tensor Squared, Tensor Spread) ConvGramNorms(Tensor images, Tensor gradient, bool hasBias, Window2d window, int groups = 1, Tensor? offsets = null)
    {
        var w = new WindowArguments(&window);
        Tensor?[] results = PellicleOperators.ConvGramNorms.CallMany(2, images, gradient, hasBias, w.Kernel, w.Stride, w.Padding, w.Dilation, groups, offsets);
        return (results[0]!, results[1]!);
    }

    /// <summary>Per-unit gradients of a convolution and their squared norms.</summary>
    /// <param name="images">Input [N, C, H, W].</param>
    /// <param name="gradient">Of the output, [N, p, H', W'].</param>
    /// <param name="hasBias">Forms the bias gradients too.</param>
    /// <param name="keep">False gives the norms only.</param>
    /// <param name="window">That of the convolution.</param>
    /// <param name="groups">That of the convolution.</param>
    /// <param name="offsets">Units, or none: one image each.</param>
    /// <returns>Squared norms [U]; weights [U, p, C / groups, kh, kw] if kept; biases [U, p] if any.</returns>
    public static (Tensor Squared, Tensor? Weights, Tensor? Biases) ConvSampleGradients(
        Tensor images, Tensor gradient, bool hasBias, bool keep, Window2d window, int groups = 1, Tensor? offsets = null)
    {
        var w = new WindowArguments(&window);
        Tensor?[] results = PellicleOperators.ConvSampleGradients.CallMany(
            3, images, gradient, hasBias, keep, w.Kernel, w.Stride, w.Padding, w.Dilation, groups, offsets);
        return (results[0]!, results[1], results[2]);
    }

    /// <summary>Sum of the per-unit gradients of a convolution, each times its factor.</summary>
    /// <param name="images">Input [N, C, H, W].</param>
    /// <param name="gradient">Of the output, [N, p, H', W'].</param>
    /// <param name="factors">[U], float32 or float64.</param>
    /// <param name="hasBias">Forms the bias sum too.</param>
    /// <param name="window">That of the convolution.</param>
    /// <param name="groups">That of the convolution.</param>
    /// <param name="offsets">Units, or none: one image each.</param>
    /// <returns>Weights [p, C / groups, kh, kw]; bias [p] if any.</returns>
    public static (Tensor Weight, Tensor? Bias) ConvClippedSum(
        Tensor images, Tensor gradient, Tensor factors, bool hasBias, Window2d window, int groups = 1, Tensor? offsets = null)
    {
        var w = new WindowArguments(&window);
        Tensor?[] results = PellicleOperators.ConvClippedSum.CallMany(
            2, images, gradient, factors, hasBias, w.Kernel, w.Stride, w.Padding, w.Dilation, groups, offsets);
        return (results[0]!, results[1]);
    }
}
