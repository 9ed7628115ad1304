namespace Pellicle.Formats.Onnx.Passes;

/// <summary>Swaps Relu and MaxPool: a maximum first leaves fewer signs to compute. max(relu x) = relu(max x), since relu never falls.</summary>
public static class OnnxPoolBeforeRelu
{
    /// <summary>Swaps.</summary>
    /// <param name="model">The model.</param>
    /// <returns>The same function.</returns>
    public static OnnxModel Apply(OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        OnnxNode[] nodes = [.. model.Graph.Nodes];
        ILookup<string, int> users = nodes.SelectMany((node, i) => node.Inputs.Select(input => (input, i))).ToLookup(pair => pair.input, pair => pair.i);
        HashSet<string> outputs = [.. model.Graph.Outputs.Select(output => output.Name)];
        for (int i = 0; i < nodes.Length; i++)
        {
            if (nodes[i] is { Operator: "Relu", Domain: "" } relu && !outputs.Contains(relu.Outputs[0]) && users[relu.Outputs[0]].ToArray() is [var next]
                && nodes[next] is { Operator: "MaxPool", Domain: "", Outputs.Count: 1 } pool)
            {
                // The value between the two keeps its name and gets the shape of the result.
                nodes[i] = pool with { Inputs = relu.Inputs, Outputs = relu.Outputs };
                nodes[next] = relu with { Inputs = relu.Outputs, Outputs = pool.Outputs };
            }
        }

        return model with { Graph = model.Graph with { Nodes = nodes } };
    }
}
