using Pellicle.Core.Errors;
using Pellicle.Formats.Onnx;
using Pellicle.Mpc.Compiler.Layers;

namespace Pellicle.Mpc.Compiler.Reading;

/// <summary>A graph while it is read: which layer makes which value.</summary>
internal sealed class GraphReading
{
    private readonly OnnxModel _model;
    private readonly IReadOnlyDictionary<string, IReadOnlyList<long>> _shapes;
    private readonly ILookup<string, OnnxNode> _users;
    private readonly Dictionary<string, int> _makers = [];
    private readonly HashSet<OnnxNode> _read = new(ReferenceEqualityComparer.Instance);
    private readonly List<NetworkLayer> _layers = [];

    public GraphReading(OnnxModel model, IReadOnlyDictionary<string, IReadOnlyList<long>> shapes)
    {
        _model = model;
        _shapes = shapes;
        _users = model.Graph.Nodes.SelectMany(node => node.Inputs.Select(input => (input, node))).ToLookup(pair => pair.input, pair => pair.node);
        _makers[model.Graph.Inputs[0].Name] = -1;
    }

    public IReadOnlyList<NetworkLayer> Layers => _layers;

    public int Opset => _model.Opset;

    public int InputCount => Count(_model.Graph.Inputs[0].Name);

    public bool IsRead(OnnxNode node) => _read.Contains(node);

    public bool IsConstant(string value) => _model.Graph.Initializers.ContainsKey(value);

    public bool IsKnown(string value) => _makers.ContainsKey(value);

    public IReadOnlyList<long> Shape(string value) => _shapes[value];

    /// <summary>Elements of a value.</summary>
    public int Count(string value) => checked((int)Shape(value).Aggregate(1L, (product, size) => checked(product * size)));

    /// <summary>The layer that makes a value; -1 for the image.</summary>
    public int Layer(string value) => _makers[value];

    /// <summary>The layer that makes a node's first operand.</summary>
    public int Input(OnnxNode node) => Layer(node.Inputs[0]);

    public static string NameOf(OnnxNode node) => node.Name.Length > 0 ? node.Name : node.Outputs[0];

    /// <summary>The operands that depend on the image.</summary>
    public IReadOnlyList<string> Variables(OnnxNode node) => [.. node.Inputs.Where(input => input.Length > 0 && !IsConstant(input))];

    /// <summary>An operand that must be a constant.</summary>
    public OnnxTensor Constant(OnnxNode node, int operand) => OptionalConstant(node, operand) ?? throw Refuse(node, $"operand {operand} is missing", "Check the model.");

    /// <summary>An operand that must be a constant if it is there.</summary>
    public OnnxTensor? OptionalConstant(OnnxNode node, int operand)
    {
        if (operand >= node.Inputs.Count || node.Inputs[operand].Length == 0)
        {
            return null;
        }

        return _model.Graph.Initializers.TryGetValue(node.Inputs[operand], out OnnxTensor? constant) ? constant
            : throw Refuse(node, $"operand {operand} ('{node.Inputs[operand]}') is computed from the image; expected a constant", "Export the model with constant weights.");
    }

    /// <summary>The node that alone reads a value, unless the value is an output.</summary>
    public OnnxNode? OnlyUser(string value) => value != _model.Graph.Outputs[0].Name && _users[value].ToArray() is [var user] ? user : null;

    /// <summary>Appends the layer of a node.</summary>
    /// <param name="node">The node.</param>
    /// <param name="layer">What it computes.</param>
    /// <param name="output">Which of its results; only nodes that cut their operand in pieces have several with a rule.</param>
    public void Add(OnnxNode node, NetworkLayer layer, int output = 0)
    {
        if (node.Operator != "Split" && node.Outputs.Skip(1).Any(other => other.Length > 0 && _users.Contains(other)))
        {
            throw Refuse(node, "its second result is used, which has no rule", "Export the model without it.");
        }

        if (layer.OutputCount != Count(node.Outputs[output]))
        {
            throw Refuse(node, $"it gives {Count(node.Outputs[output])} values where {layer.OutputCount} were expected", "Export the model again, for one fixed input size.");
        }

        _makers[node.Outputs[output]] = Append(layer);
        _read.Add(node);
    }

    /// <summary>Appends a layer that gives no value of the graph itself.</summary>
    /// <returns>Its place.</returns>
    public int Append(NetworkLayer layer)
    {
        _layers.Add(layer);
        return _layers.Count - 1;
    }

    /// <summary>Says that a layer appended before gives the value of a node.</summary>
    public void Make(OnnxNode node, int layer)
    {
        _makers[node.Outputs[0]] = layer;
        _read.Add(node);
    }

    /// <summary>Gives the value of a node's operand a second name.</summary>
    public void Rename(OnnxNode node, string? operand = null)
    {
        Make(node, Layer(operand ?? node.Inputs[0]));
    }

    public static DataFormatException Refuse(OnnxNode node, string reason, string remedy) => new($"{node.DisplayName}: {reason}.", remedy);
}
