namespace Pellicle.Formats.Onnx;

/// <summary>A value inside a graph under construction.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Shape">Sizes of one example: the batch dimension in front is left out.</param>
public sealed record OnnxSymbol(string Name, IReadOnlyList<long> Shape);

/// <summary>Builds a graph node by node: names are made unique, constants are kept once.</summary>
public sealed class OnnxGraphBuilder
{
    private readonly List<OnnxNode> _nodes = [];
    private readonly Dictionary<string, OnnxTensor> _constants = [];
    private readonly HashSet<string> _names = [];
    private readonly OnnxValue _input;

    /// <summary>Starts a graph with one input in batches of any size.</summary>
    /// <param name="input">Name of the input.</param>
    /// <param name="shape">Sizes of one example, such as [C, H, W].</param>
    public OnnxGraphBuilder(string input, params long[] shape)
    {
        _input = new OnnxValue(input, OnnxElementType.Float32, [-1, .. shape]);
        _names.Add(input);
        Input = new OnnxSymbol(input, shape);
    }

    /// <summary>The input.</summary>
    public OnnxSymbol Input { get; }

    /// <summary>Adds a constant, such as a weight. The same name gives the same constant.</summary>
    /// <param name="name">Name, as in weight files.</param>
    /// <param name="tensor">Its values.</param>
    /// <returns>The name.</returns>
    /// <exception cref="ArgumentException">The name belongs to another value already.</exception>
    public string Constant(string name, OnnxTensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        bool isNew = _constants.TryAdd(name, tensor);
        return !isNew || _names.Add(name) ? name : throw new ArgumentException($"'{name}' is the name of another value.", nameof(name));
    }

    /// <summary>Adds a constant list of integers, such as a shape.</summary>
    /// <param name="values">The integers.</param>
    /// <returns>Its name.</returns>
    public string Integers(params long[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return Constant($"ints:{string.Join(',', values)}", OnnxTensor.Of([.. values], values.Length));
    }

    /// <summary>Adds a constant number.</summary>
    /// <param name="value">The number.</param>
    /// <returns>Its name.</returns>
    public string Scalar(double value) => Constant($"float:{(float)value:R}", OnnxTensor.Of([(float)value], []));

    /// <summary>Adds a node with one result.</summary>
    /// <param name="path">Where it comes from, such as a layer's path; becomes part of the node's name.</param>
    /// <param name="name">Operator of ONNX's own set.</param>
    /// <param name="inputs">Names of values.</param>
    /// <param name="shape">Sizes of one example of the result.</param>
    /// <param name="attributes">Constants of the node.</param>
    /// <returns>The result.</returns>
    public OnnxSymbol Add(string path, string name, IReadOnlyList<string> inputs, IReadOnlyList<long> shape, params ReadOnlySpan<(string Name, object Value)> attributes)
    {
        string unique = Unique(path.Length == 0 ? name : $"{path}/{name}");
        var constants = new Dictionary<string, object>();
        foreach ((string key, object value) in attributes)
        {
            constants.Add(key, value);
        }

        _nodes.Add(new OnnxNode { Operator = name, Name = unique, Inputs = inputs, Outputs = [unique], Attributes = constants });
        return new OnnxSymbol(unique, shape);
    }

    /// <summary>Closes the graph with one output.</summary>
    /// <param name="output">The result.</param>
    /// <param name="name">Name of the output.</param>
    /// <returns>The checked graph.</returns>
    public OnnxGraph Build(OnnxSymbol output, string name)
    {
        ArgumentNullException.ThrowIfNull(output);
        OnnxNode last = new() { Operator = "Identity", Name = Unique("output"), Inputs = [output.Name], Outputs = [name] };
        int maker = _nodes.FindLastIndex(node => node.Outputs[0] == output.Name);
        bool isUsed = _nodes.Exists(node => node.Inputs.Contains(output.Name));
        OnnxNode[] nodes = maker < 0 || isUsed ? [.. _nodes, last] : [.. _nodes.Select((node, i) => i == maker ? node with { Outputs = [name] } : node)];
        var graph = new OnnxGraph
        {
            Name = "pellicle",
            Inputs = [_input],
            Outputs = [new OnnxValue(name, OnnxElementType.Float32, [-1, .. output.Shape])],
            Initializers = _constants,
            Nodes = nodes,
        };
        return OnnxGraphCheck.Check(graph, "graph");
    }

    private string Unique(string name)
    {
        string unique = name;
        for (int i = 1; !_names.Add(unique); i++)
        {
            unique = $"{name}_{i}";
        }

        return unique;
    }
}
