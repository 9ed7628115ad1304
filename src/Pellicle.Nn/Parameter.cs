using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>A tensor that belongs to a layer: a trainable weight, or fixed statistics. Never part of the derivative graph.</summary>
/// <remarks>Layers record (input, output) pairs instead, so private and ordinary training share all kernels (Bu et al. 2022).</remarks>
public sealed class Parameter : IDisposable
{
    private readonly Layer _owner;
    private readonly string _localName;
    private bool _isTrainable;

    internal Parameter(Layer owner, string localName, Tensor value, bool isStatistic)
    {
        _owner = owner;
        _localName = localName;
        Value = value.Detached();
        IsStatistic = isStatistic;
        _isTrainable = !isStatistic;
        Shape = value.Shape;
        Count = value.Count;
    }

    /// <summary>Path from the root, as in weight files: "blocks.0.attn.qkv.weight".</summary>
    public string Name => _owner.Path.Length == 0 ? _localName : _owner.Path + "." + _localName;

    /// <summary>Current values, float32, contiguous. Written in place by optimisers and loading.</summary>
    public Tensor Value { get; }

    /// <summary>Sum of (clipped) unit gradients, later the noised mean; same shape as <see cref="Value"/>; null before the first step.</summary>
    public Tensor? Gradient { get; private set; }

    /// <summary>Extents, outermost first.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>Number of elements.</summary>
    public long Count { get; }

    /// <summary>True for running statistics: saved with the weights, never trained.</summary>
    public bool IsStatistic { get; }

    /// <summary>Takes part in training. Set it before training, not between the physical batches of a step.</summary>
    /// <exception cref="InvalidOperationException">Statistics cannot be trained.</exception>
    public bool IsTrainable
    {
        get => _isTrainable;
        set
        {
            if (value && IsStatistic)
            {
                throw new InvalidOperationException($"'{Name}' holds statistics, which cannot be trained.");
            }

            _isTrainable = value;
        }
    }

    /// <summary>Makes the gradient tensor on first use, and fills it with zeros.</summary>
    /// <returns>The gradient, all zero.</returns>
    public Tensor ZeroGradient()
    {
        if (Gradient is null)
        {
            Gradient = Tensor.Zeros([.. Shape]).Detached();
        }
        else
        {
            AtenOperators.ZeroInPlace.Apply(Gradient);
        }

        return Gradient;
    }

    /// <summary>Frees value and gradient.</summary>
    public void Dispose()
    {
        Value.Dispose();
        Gradient?.Dispose();
        Gradient = null;
    }
}
