using Pellicle.Formats.Onnx.Execution;

namespace Pellicle.Formats.Onnx.Passes;

/// <summary>Computes what depends on constants and shapes only: the chains with which exporters compute shapes vanish.</summary>
public static class OnnxConstantFolding
{
    /// <summary>Folds.</summary>
    /// <param name="model">The model.</param>
    /// <param name="shapes">Shapes of values; the folded graph is for these sizes only.</param>
    /// <returns>The same function with fewer nodes.</returns>
    public static OnnxModel Apply(OnnxModel model, IReadOnlyDictionary<string, IReadOnlyList<long>> shapes)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(shapes);
        var constants = new Dictionary<string, OnnxTensor>(model.Graph.Initializers);
        HashSet<string> outputs = [.. model.Graph.Outputs.Select(output => output.Name)];
        var kept = new List<OnnxNode>();
        foreach (OnnxNode node in model.Graph.Nodes)
        {
            OnnxNode known = WithKnownShape(node, constants, shapes);
            bool canFold = known.Inputs.All(input => input.Length == 0 || constants.ContainsKey(input)) && !node.Outputs.Any(outputs.Contains);
            if (!canFold || OnnxOperators.Find(model, node) is not { } found)
            {
                kept.Add(node);
                continue;
            }

            OnnxTensor[] results = OnnxExecutor.Compute(known, found, OnnxOperators.VersionOf(model, node), constants);
            for (int i = 0; i < Math.Min(results.Length, node.Outputs.Count); i++)
            {
                if (node.Outputs[i].Length > 0)
                {
                    constants[node.Outputs[i]] = results[i];
                }
            }
        }

        return model with { Graph = model.Graph with { Nodes = kept, Initializers = constants } };
    }

    // Shape and Size look at the shape alone: any tensor of it will do.
    private static OnnxNode WithKnownShape(OnnxNode node, Dictionary<string, OnnxTensor> constants, IReadOnlyDictionary<string, IReadOnlyList<long>> shapes)
    {
        if (node.Operator is not ("Shape" or "Size") || node.Domain.Length > 0 || constants.ContainsKey(node.Inputs[0]) || !shapes.TryGetValue(node.Inputs[0], out IReadOnlyList<long>? shape))
        {
            return node;
        }

        string name = $"shape:{string.Join(',', shape)}";
        constants.TryAdd(name, OnnxTensor.Of(new float[OnnxShape.Count([.. shape])], [.. shape]));
        return node with { Inputs = [name] };
    }
}
