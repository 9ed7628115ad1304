using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>Parameter values for <see cref="Layer.Reference"/>: copies that ordinary automatic differentiation may differentiate for.</summary>
/// <remarks>In float64 it is the exact measure for tests of the fast path.</remarks>
public sealed class ReferencePass
{
    private readonly Dictionary<Parameter, Tensor> _values;

    /// <summary>Copies the parameters of a tree.</summary>
    /// <param name="root">The network.</param>
    /// <param name="type">Float32 or Float64.</param>
    /// <param name="context">Mode and randomness; the tape is not used.</param>
    public ReferencePass(Layer root, DType type, ForwardContext context)
    {
        ArgumentNullException.ThrowIfNull(root);
        Context = context;
        _values = [];
        foreach (Parameter parameter in root.Parameters())
        {
            Tensor copy = parameter.Value.To(type).Clone();
            _values[parameter] = parameter.IsTrainable ? copy.RequireGradient() : copy;
        }
    }

    private ReferencePass(Dictionary<Parameter, Tensor> values, ForwardContext context)
    {
        _values = values;
        Context = context;
    }

    /// <summary>Mode and randomness.</summary>
    public ForwardContext Context { get; }

    /// <summary>The same copies under another context, such as that of one image.</summary>
    /// <param name="context">Mode and randomness.</param>
    public ReferencePass With(ForwardContext context) => new(_values, context);

    /// <summary>The copy of a parameter.</summary>
    /// <param name="parameter">One of the tree.</param>
    public Tensor Of(Parameter parameter) => _values[parameter];
}
