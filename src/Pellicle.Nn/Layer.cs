using Pellicle.Formats.Onnx;
using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>A building block of a network: own parameters, children, and a forward pass that records on the tape what training needs.</summary>
/// <remarks>Each layer has a slow twin, <see cref="Reference"/>, written with libtorch's ordinary operators only; tests compare both.</remarks>
public abstract class Layer : IDisposable
{
    private readonly List<Layer> _children = [];
    private readonly List<Parameter> _parameters = [];
    private Layer? _parent;
    private string _localName = string.Empty;

    /// <summary>Path from the root, such as "blocks.0.attn.qkv"; empty for the root.</summary>
    public string Path =>
        _parent is null ? string.Empty
        : _parent.Path.Length == 0 ? _localName
        : _parent.Path + "." + _localName;

    /// <summary>Path for messages: the kind in angle brackets where the path is empty.</summary>
    public string DisplayName => Path.Length == 0 ? $"<{Kind}>" : Path;

    /// <summary>Kind of layer, as shown in plans and messages.</summary>
    public virtual string Kind => GetType().Name;

    /// <summary>Layers directly inside this one, in order of registration.</summary>
    public IReadOnlyList<Layer> Children => _children;

    /// <summary>Parameters that belong to this layer itself, not to its children.</summary>
    public IReadOnlyList<Parameter> OwnParameters => _parameters;

    /// <summary>Places that use this same instance a second time, as "parent.name"; not empty means tied parameters.</summary>
    public IReadOnlyList<string> ReusedAt => _reusedAt;

    private readonly List<string> _reusedAt = [];

    /// <summary>True if at least one own parameter is trained.</summary>
    public bool IsTrainable
    {
        get
        {
            foreach (Parameter parameter in _parameters)
            {
                if (parameter.IsTrainable)
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>This layer and all below it, each once, parents first.</summary>
    public IEnumerable<Layer> Tree() => _children.SelectMany(child => child.Tree()).Prepend(this).Distinct();

    /// <summary>All parameters of the tree, statistics included, in order of registration.</summary>
    public IReadOnlyList<Parameter> Parameters() => [.. Tree().SelectMany(layer => layer._parameters)];

    /// <summary>The parameters that training changes.</summary>
    public IReadOnlyList<Parameter> TrainableParameters() => [.. Parameters().Where(parameter => parameter.IsTrainable)];

    /// <summary>Parameters at or below a path, statistics included.</summary>
    /// <param name="path">Layer path or parameter name; empty means all.</param>
    public IReadOnlyList<Parameter> ParametersAt(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return [.. Parameters().Where(parameter => path.Length == 0 || parameter.Name == path || parameter.Name.StartsWith(path + ".", StringComparison.Ordinal))];
    }

    /// <summary>Stops training of all parameters at or below a path.</summary>
    /// <param name="path">Layer path or parameter name, such as "blocks.0" or "cls_token"; empty freezes everything.</param>
    /// <returns>Number of parameters frozen by this call; 0 if nothing has that path or all of it was frozen before.</returns>
    public int Freeze(string path)
    {
        int frozen = 0;
        foreach (Parameter parameter in ParametersAt(path).Where(parameter => parameter.IsTrainable))
        {
            parameter.IsTrainable = false;
            frozen++;
        }

        return frozen;
    }

    /// <summary>True if the output for one image depends on the other images of the batch, so that no clipping of units bounds their influence.</summary>
    /// <param name="isTraining">The mode asked about.</param>
    public virtual bool MixesExamples(bool isTraining) => false;

    /// <summary>True if the layer's products can run in a number format. Layers without products can always.</summary>
    /// <param name="precision">The format.</param>
    public virtual bool Supports(ProductPrecision precision) => true;

    /// <summary>Runs the layer.</summary>
    /// <param name="input">[N, ...]; see the layer.</param>
    /// <param name="context">Mode, tape and randomness of this pass.</param>
    /// <returns>[N, ...], owned by the caller's scope or, if recorded, by the tape.</returns>
    /// <exception cref="Core.Errors.UnsupportedLayerException">A trainable layer runs a second time on one tape.</exception>
    public Tensor Forward(Tensor input, ForwardContext context)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(context);
        context.Tape?.Visit(this);
        using TensorScope scope = TensorScope.Open();
        return scope.Keep(Compute(input, context));
    }

    /// <summary>The same function by ordinary operators and ordinary automatic differentiation: the slow twin for tests.</summary>
    /// <param name="input">[N, ...], float32 or float64.</param>
    /// <param name="pass">Gives the values of parameters, in the type of the input.</param>
    public abstract Tensor Reference(Tensor input, ReferencePass pass);

    /// <summary>Writes down what the layer computes at inference as operators of ONNX, version 17.</summary>
    /// <param name="graph">The graph under construction.</param>
    /// <param name="input">The value that goes in; its shape leaves the batch out.</param>
    /// <returns>The value that comes out.</returns>
    /// <exception cref="Core.Errors.UsageException">The layer has no form in ONNX.</exception>
    public virtual OnnxSymbol Export(OnnxGraphBuilder graph, OnnxSymbol input) => throw new Core.Errors.UsageException(
        $"layer '{DisplayName}' ({Kind}) has no form in ONNX here.", "Export the weights as safetensors (--format safetensors).");

    /// <summary>Frees the parameters of the whole tree.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the parameters of the whole tree.</summary>
    /// <param name="disposing">Always true: nothing is finalized.</param>
    protected virtual void Dispose(bool disposing)
    {
        _parameters.ForEach(parameter => parameter.Dispose());
        _children.ForEach(child => child.Dispose());
    }

    /// <summary>The forward pass. Intermediate tensors are freed when it returns.</summary>
    /// <param name="input">[N, ...].</param>
    /// <param name="context">Mode, tape and randomness of this pass.</param>
    protected abstract Tensor Compute(Tensor input, ForwardContext context);

    /// <summary>Puts a parameter into a graph as a constant of its own name.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="parameter">The parameter.</param>
    protected static string Constant(OnnxGraphBuilder graph, Parameter parameter)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(parameter);
        return graph.Constant(parameter.Name, ValuesOf(parameter));
    }

    /// <summary>The values of a parameter, copied.</summary>
    /// <param name="parameter">The parameter.</param>
    protected static OnnxTensor ValuesOf(Parameter parameter)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        return OnnxTensor.Of(parameter.Value.ToArray<float>(), [.. parameter.Shape]);
    }

    /// <summary>Adds two values of a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="left">First value.</param>
    /// <param name="right">Second value, same shape.</param>
    protected OnnxSymbol Sum(OnnxGraphBuilder graph, OnnxSymbol left, OnnxSymbol right)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        return graph.Add(Path, "Add", [left.Name, right.Name], left.Shape);
    }

    /// <summary>Registers a child under a name.</summary>
    /// <typeparam name="T">Kind of layer.</typeparam>
    /// <param name="name">Local name, as in weight files.</param>
    /// <param name="layer">The child; a layer that already has a place keeps its first path.</param>
    protected T Add<T>(string name, T layer)
        where T : Layer
    {
        ArgumentNullException.ThrowIfNull(layer);
        if (layer._parent is not null)
        {
            layer._reusedAt.Add(Path.Length == 0 ? name : Path + "." + name);
        }
        else
        {
            layer._parent = this;
            layer._localName = name;
        }

        _children.Add(layer);
        return layer;
    }

    /// <summary>Takes a child out of the tree again and frees it.</summary>
    /// <param name="layer">A child of this layer.</param>
    protected void Drop(Layer layer)
    {
        ArgumentNullException.ThrowIfNull(layer);
        if (!_children.Remove(layer))
        {
            throw new ArgumentException($"'{layer.DisplayName}' is no child of '{DisplayName}'.", nameof(layer));
        }

        layer._parent = null;
        layer.Dispose();
    }

    /// <summary>Registers a parameter.</summary>
    /// <param name="name">Local name, as in weight files.</param>
    /// <param name="value">Initial values, float32; the layer becomes the owner.</param>
    /// <param name="isStatistic">True for values that are saved but never trained.</param>
    protected Parameter AddParameter(string name, Tensor value, bool isStatistic = false)
    {
        ArgumentNullException.ThrowIfNull(value);
        var parameter = new Parameter(this, name, value, isStatistic);
        _parameters.Add(parameter);
        return parameter;
    }
}
