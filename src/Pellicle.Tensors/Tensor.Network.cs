namespace Pellicle.Tensors;

/// <content>Operators of neural networks, as libtorch has them. The faster ones of our own are in <see cref="PellicleOperators"/>.</content>
public sealed unsafe partial class Tensor
{
    /// <summary>max(x, 0).</summary>
    public Tensor Relu() => AtenOperators.Relu.Call(this);

    /// <summary>Hyperbolic tangent.</summary>
    public Tensor Tanh() => AtenOperators.Tanh.Call(this);

    /// <summary>1 / (1 + e⁻ˣ).</summary>
    public Tensor Sigmoid() => AtenOperators.Sigmoid.Call(this);

    /// <summary>Probabilities along a dimension.</summary>
    /// <param name="dimension">Negative counts from the end.</param>
    public Tensor Softmax(long dimension = -1) => AtenOperators.Softmax.Call(this, dimension, false);

    /// <summary>Logarithms of the probabilities along a dimension.</summary>
    /// <param name="dimension">Negative counts from the end.</param>
    public Tensor LogSoftmax(long dimension = -1) => AtenOperators.LogSoftmax.Call(this, dimension, false);

    /// <summary>x wᵀ + b.</summary>
    /// <param name="weight">[p, d].</param>
    /// <param name="bias">[p], or none.</param>
    /// <returns>[.., p].</returns>
    public Tensor Linear(Tensor weight, Tensor? bias) => AtenOperators.Linear.Call(this, weight, bias);

    /// <summary>Two-dimensional convolution.</summary>
    /// <param name="weight">[p, C / groups, kh, kw].</param>
    /// <param name="bias">[p], or none.</param>
    /// <param name="window">Stride, padding and dilation; its kernel must be the weight's.</param>
    /// <param name="groups">Divides C and p.</param>
    /// <returns>[N, p, H', W'].</returns>
    public Tensor Conv2d(Tensor weight, Tensor? bias, Window2d window, long groups = 1)
    {
        var geometry = new WindowArguments(&window);
        return AtenOperators.Conv2d.Call(this, weight, bias, geometry.Stride, geometry.Padding, geometry.Dilation, groups);
    }

    /// <summary>Maxima of windows.</summary>
    /// <param name="window">Padding counts as −∞.</param>
    /// <returns>[N, C, H', W'].</returns>
    public Tensor MaxPool2d(Window2d window)
    {
        var geometry = new WindowArguments(&window);
        return AtenOperators.MaxPool2d.Call(this, geometry.Kernel, geometry.Stride, geometry.Padding, geometry.Dilation);
    }

    /// <summary>Means of windows; padding counts as zeros.</summary>
    /// <param name="window">Without dilation.</param>
    /// <returns>[N, C, H', W'].</returns>
    public Tensor AveragePool2d(Window2d window)
    {
        var geometry = new WindowArguments(&window);
        return AtenOperators.AveragePool2d.Call(this, geometry.Kernel, geometry.Stride, geometry.Padding);
    }

    /// <summary>Means of an even partition of the plane.</summary>
    /// <param name="height">Rows of the result.</param>
    /// <param name="width">Columns of the result.</param>
    /// <returns>[N, C, height, width].</returns>
    public Tensor AdaptiveAveragePool2d(long height, long width)
    {
        long* size = stackalloc long[] { height, width };
        return AtenOperators.AdaptiveAveragePool2d.Call(this, OpArgument.Integers(size, 2));
    }

    /// <summary>Normalises groups of channels of each example (Wu and He 2018).</summary>
    /// <param name="groups">Divides C.</param>
    /// <param name="gamma">[C].</param>
    /// <param name="beta">[C].</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <returns>The shape of this tensor.</returns>
    public Tensor GroupNorm(long groups, Tensor? gamma, Tensor? beta, double epsilon = 1e-5)
    {
        long examples = Size(0);
        long channels = Size(1);
        long positions = examples * channels == 0 ? 0 : Count / examples / channels;
        Tensor?[] results = AtenOperators.GroupNorm.CallMany(3, Contiguous(), gamma, beta, examples, channels, positions, groups, epsilon);
        return results[0]!;
    }

    /// <summary>Sum over the batch of w[label] · −log softmax(logits)[label].</summary>
    /// <param name="labels">[N], type <see cref="DType.Int64"/>.</param>
    /// <param name="classWeights">[K], or none for ones.</param>
    /// <param name="reduction">How the examples' losses are combined.</param>
    public Tensor CrossEntropy(Tensor labels, Tensor? classWeights = null, LossReduction reduction = LossReduction.Sum) =>
        AtenOperators.CrossEntropyLoss.Call(this, labels, classWeights, (long)reduction);
}
