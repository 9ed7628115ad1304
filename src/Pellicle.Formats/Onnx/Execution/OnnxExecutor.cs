using Pellicle.Core.Errors;

namespace Pellicle.Formats.Onnx.Execution;

/// <summary>Runs an ONNX graph in the clear: the oracle that exports and encrypted predictions are compared with.</summary>
/// <remarks>Each operator is the shortest code that follows the operator's text in ONNX. Sums are formed in double precision and rounded once to the declared type,
/// so that results do not depend on an order of summation. Sources: the operator texts of onnx/onnx, versions 6 to 28.</remarks>
public sealed class OnnxExecutor
{
    private readonly OnnxModel _model;
    private readonly (OnnxNode Node, OnnxOperator Operator, int Opset)[] _steps;
    private readonly Dictionary<string, int> _lastUse = [];

    /// <summary>Prepares a model.</summary>
    /// <param name="model">A checked model, as read from a file.</param>
    /// <exception cref="DataFormatException">Lists every node whose operator or version is not known.</exception>
    public OnnxExecutor(OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        _model = model;
        var problems = new List<Problem>();
        var steps = new List<(OnnxNode, OnnxOperator, int)>();
        foreach (OnnxNode node in model.Graph.Nodes)
        {
            if (OnnxOperators.Find(model, node) is { } found)
            {
                steps.Add((node, found, OnnxOperators.VersionOf(model, node)));
            }
            else
            {
                problems.Add(new Problem(
                    node.DisplayName,
                    $"{node.DisplayName} of operator set '{node.Domain}' version {OnnxOperators.VersionOf(model, node)} is not known here.",
                    "Export the model with operators of docs/reference/onnx.md."));
            }
        }

        if (problems.Count > 0)
        {
            throw new DataFormatException(problems[0].Message, problems[0].Hint, problems);
        }

        _steps = [.. steps];
        for (int i = 0; i < _steps.Length; i++)
        {
            foreach (string input in _steps[i].Node.Inputs)
            {
                _lastUse[input] = i;
            }
        }
    }

    /// <summary>Runs the graph.</summary>
    /// <param name="inputs">Values of the graph's inputs by name.</param>
    /// <param name="observe">Called after every node with its results, such as for the calibration of ranges; null for nothing.</param>
    /// <param name="cancellation">Checked between nodes.</param>
    /// <returns>The graph's outputs by name.</returns>
    /// <exception cref="DataFormatException">An input is missing or of another type or shape, or the operands of a node do not fit each other.</exception>
    public IReadOnlyDictionary<string, OnnxTensor> Run(
        IReadOnlyDictionary<string, OnnxTensor> inputs, Action<OnnxNode, IReadOnlyList<OnnxTensor>>? observe = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        var values = new Dictionary<string, OnnxTensor>(_model.Graph.Initializers);
        foreach (OnnxValue input in _model.Graph.Inputs)
        {
            values[input.Name] = Checked(input, inputs.GetValueOrDefault(input.Name));
        }

        HashSet<string> kept = [.. _model.Graph.Outputs.Select(output => output.Name)];
        for (int i = 0; i < _steps.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            (OnnxNode node, OnnxOperator @operator, int opset) = _steps[i];
            OnnxTensor[] results = Compute(node, @operator, opset, values);
            for (int k = 0; k < node.Outputs.Count && k < results.Length; k++)
            {
                if (node.Outputs[k].Length > 0)
                {
                    values[node.Outputs[k]] = results[k];
                }
            }

            observe?.Invoke(node, results);
            foreach (string input in node.Inputs.Where(input => _lastUse[input] == i && !kept.Contains(input)))
            {
                values.Remove(input);
            }
        }

        return _model.Graph.Outputs.ToDictionary(output => output.Name, output => values.GetValueOrDefault(output.Name)
            ?? throw new DataFormatException($"the output '{output.Name}' is an optional result that its operator does not give.", "Export the model without this output."));
    }

    /// <summary>Runs a graph with one input and one output.</summary>
    /// <param name="input">Value of the input.</param>
    /// <exception cref="DataFormatException">The graph has several inputs, or see the other method.</exception>
    public OnnxTensor Run(OnnxTensor input) => _model.Graph.Inputs.Count == 1
        ? Run(new Dictionary<string, OnnxTensor> { [_model.Graph.Inputs[0].Name] = input })[_model.Graph.Outputs[0].Name]
        : throw new DataFormatException($"the graph has {_model.Graph.Inputs.Count} inputs; expected one image.", "Use a model with one input.");

    /// <summary>Computes one node whose operands are all known: what constant folding does.</summary>
    /// <param name="node">The node.</param>
    /// <param name="operator">Its line of the table.</param>
    /// <param name="opset">Version of its operator set.</param>
    /// <param name="values">Values by name.</param>
    /// <exception cref="DataFormatException">The operands do not fit each other.</exception>
    public static OnnxTensor[] Compute(OnnxNode node, OnnxOperator @operator, int opset, IReadOnlyDictionary<string, OnnxTensor> values)
    {
        ArgumentNullException.ThrowIfNull(node);
        ArgumentNullException.ThrowIfNull(@operator);
        ArgumentNullException.ThrowIfNull(values);
        try
        {
            return @operator.Kernel(new NodeCall(node, opset, [.. node.Inputs.Select(input => input.Length == 0 ? null : values[input])]));
        }
        catch (OperandException e)
        {
            throw Misfit(node, e.Message, e);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or IndexOutOfRangeException or OverflowException or DivideByZeroException)
        {
            // Kernels assume operands as the operator's text asks for; a file that does not keep to it ends here.
            throw Misfit(node, $"the operands do not fit the operator ({e.Message})", e);
        }
    }

    private static OnnxTensor Checked(OnnxValue input, OnnxTensor? value)
    {
        if (value is null || (input.Type is { } type && type != value.Type))
        {
            throw new DataFormatException($"input '{input.Name}' is {(value is null ? "missing" : value.ToString())}; expected {input.Type?.ToString() ?? "a tensor"}.", "Give every input of the model in its type.");
        }

        bool fits = input.Shape is not { } shape || (shape.Count == value.Rank && shape.Zip(value.Shape).All(pair => pair.First < 0 || pair.First == pair.Second));
        return fits ? value : throw new DataFormatException(
            $"input '{input.Name}' has shape {OnnxShape.Text(value.Shape)}; expected {OnnxShape.Text(input.Shape!)} (-1 is free).", "Resize the images to the size of the model.");
    }

    private static DataFormatException Misfit(OnnxNode node, string what, Exception inner) =>
        new($"{node.DisplayName}: {what}.", "Check the model; export it again for one fixed input size.", inner: inner);
}
