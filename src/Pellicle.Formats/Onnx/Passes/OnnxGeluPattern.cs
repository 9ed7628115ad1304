namespace Pellicle.Formats.Onnx.Passes;

/// <summary>Recognises a GELU that is spelled out, x · (1 + erf(x / √2)) · 0.5, as PyTorch and Pellicle export it, and makes it one node.</summary>
public static class OnnxGeluPattern
{
    private const string Domain = "com.microsoft";
    private const double Tolerance = 1e-5;

    /// <summary>Recognises.</summary>
    /// <param name="model">The model, constants folded.</param>
    /// <returns>The same function; nodes that nobody reads any more stay for <see cref="OnnxDeadCode"/>.</returns>
    public static OnnxModel Apply(OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        OnnxGraph graph = model.Graph;
        HashSet<string> outputs = [.. graph.Outputs.Select(output => output.Name)];
        ILookup<string, OnnxNode> users = graph.Nodes.SelectMany(node => node.Inputs.Distinct().Select(input => (input, node))).ToLookup(pair => pair.input, pair => pair.node);
        Dictionary<string, OnnxNode> makers = graph.Nodes.Where(node => node.Outputs[0].Length > 0).ToDictionary(node => node.Outputs[0]);
        var found = new Dictionary<OnnxNode, OnnxNode>(ReferenceEqualityComparer.Instance);
        foreach (OnnxNode erf in graph.Nodes.Where(node => node is { Operator: "Erf", Domain: "" }))
        {
            if (makers.TryGetValue(erf.Inputs[0], out OnnxNode? division) && With(graph, division, "Div", Math.Sqrt(2)) is { } x
                && Only(erf) is { } sum && With(graph, sum, "Add", 1) is not null
                && Only(sum) is { Operator: "Mul", Domain: "" } product && product.Inputs.Contains(x)
                && Only(product) is { } half && With(graph, half, "Mul", 0.5) is not null)
            {
                found[half] = half with { Operator = "Gelu", Domain = Domain, Inputs = [x], Attributes = new Dictionary<string, object>() };
            }
        }

        return found.Count == 0 ? model : model with
        {
            Opsets = new Dictionary<string, long>(model.Opsets) { [Domain] = model.Opsets.GetValueOrDefault(Domain, 1) },
            Graph = graph with { Nodes = [.. graph.Nodes.Select(node => found.GetValueOrDefault(node, node))] },
        };

        OnnxNode? Only(OnnxNode node) => !outputs.Contains(node.Outputs[0]) && users[node.Outputs[0]].ToArray() is [var user] ? user : null;
    }

    // The operand that is no constant, if the other one is the given number.
    private static string? With(OnnxGraph graph, OnnxNode node, string name, double number)
    {
        if (node.Operator != name || node.Domain.Length > 0 || node.Inputs.Count != 2)
        {
            return null;
        }

        return IsNumber(node.Inputs[1]) ? node.Inputs[0] : name != "Div" && IsNumber(node.Inputs[0]) ? node.Inputs[1] : null;

        bool IsNumber(string input) => graph.Initializers.TryGetValue(input, out OnnxTensor? tensor)
            && tensor is { Count: 1, IsFloating: true } && Math.Abs(tensor.ToDoubles()[0] - number) < Tolerance;
    }
}
