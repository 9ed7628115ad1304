namespace Pellicle.Formats.Onnx.Passes;

/// <summary>Removes nodes and constants that no output depends on, and operators that pass their operand through.</summary>
public static class OnnxDeadCode
{
    /// <summary>Removes.</summary>
    /// <param name="model">The model.</param>
    /// <returns>The same function.</returns>
    public static OnnxModel Apply(OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        OnnxGraph graph = model.Graph;
        var aliases = new Dictionary<string, string>();
        HashSet<string> outputs = [.. graph.Outputs.Select(output => output.Name)];
        var nodes = new List<OnnxNode>();
        foreach (OnnxNode node in graph.Nodes)
        {
            OnnxNode renamed = node with { Inputs = [.. node.Inputs.Select(input => aliases.GetValueOrDefault(input, input))] };
            if (PassesThrough(renamed, graph) && !outputs.Contains(node.Outputs[0]))
            {
                aliases[node.Outputs[0]] = renamed.Inputs[0];
            }
            else
            {
                nodes.Add(renamed);
            }
        }

        HashSet<string> needed = outputs;
        for (int i = nodes.Count - 1; i >= 0; i--)
        {
            if (nodes[i].Outputs.Any(needed.Contains))
            {
                needed.UnionWith(nodes[i].Inputs);
            }
        }

        return model with
        {
            Graph = graph with
            {
                Nodes = [.. nodes.Where(node => node.Outputs.Any(needed.Contains))],
                Initializers = graph.Initializers.Where(entry => needed.Contains(entry.Key)).ToDictionary(),
            },
        };
    }

    // A mask of Dropout that somebody uses keeps the node.
    private static bool PassesThrough(OnnxNode node, OnnxGraph graph) => node.Domain.Length == 0 && node.Operator switch
    {
        "Identity" => true,
        "Dropout" => node.Inputs.Count < 3 && node.Outputs.Skip(1).All(mask => mask.Length == 0 || !graph.Nodes.Any(user => user.Inputs.Contains(mask))),
        _ => false,
    };
}
