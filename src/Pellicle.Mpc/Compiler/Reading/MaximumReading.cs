using Pellicle.Formats.Onnx;
using Pellicle.Mpc.Compiler.Layers;

namespace Pellicle.Mpc.Compiler.Reading;

/// <summary>Maxima, minima and absolute values of results, all made of max(x, 0) and local sums.</summary>
internal static class MaximumReading
{
    /// <summary>max(a, b) = b + max(a - b, 0), min(a, b) = a - max(a - b, 0), one operand after the other.</summary>
    public static void Extreme(GraphReading graph, OnnxNode node)
    {
        int count = graph.Count(node.Outputs[0]);
        bool isMaximum = node.Operator == "Max";
        string name = GraphReading.NameOf(node);
        IReadOnlyList<string> variables = graph.Variables(node);
        if (variables.Count == 1 && node.Inputs.Count == 2)
        {
            graph.Add(node, Bound(graph, node, name, count, isMaximum));
            return;
        }

        if (variables.Count != node.Inputs.Count || variables.Count < 2)
        {
            throw GraphReading.Refuse(node, "several results beside constants have no rule in this version", "Compare results with results, or one result with one number.");
        }

        int best = IndexReading.Broadcast(graph, node, variables[0]);
        for (int i = 1; i < variables.Count; i++)
        {
            int other = IndexReading.Broadcast(graph, node, variables[i]);
            int ahead = graph.Append(new ActivationLayer($"{name}:{i}:relu", graph.Append(new AddLayer($"{name}:{i}:difference", best, other, count, IsDifference: true)), ActivationKind.Relu, count));
            string last = i == variables.Count - 1 ? name : $"{name}:{i}";
            AddLayer layer = isMaximum ? new AddLayer(last, other, ahead, count) : new AddLayer(last, best, ahead, count, IsDifference: true);
            if (i == variables.Count - 1)
            {
                graph.Add(node, layer);
            }
            else
            {
                best = graph.Append(layer);
            }
        }
    }

    /// <summary>|x| = max(x, 0) + (max(x, 0) - x).</summary>
    public static void Absolute(GraphReading graph, OnnxNode node)
    {
        int input = graph.Input(node), count = graph.Count(node.Inputs[0]);
        string name = GraphReading.NameOf(node);
        int positive = graph.Append(new ActivationLayer(name + ":relu", input, ActivationKind.Relu, count));
        int negative = graph.Append(new AddLayer(name + ":rest", positive, input, count, IsDifference: true));
        graph.Add(node, new AddLayer(name, positive, negative, count));
    }

    private static ClipLayer Bound(GraphReading graph, OnnxNode node, string name, int count, bool isMaximum)
    {
        string variable = graph.Variables(node)[0];
        OnnxTensor constant = graph.Constant(node, node.Inputs[0] == variable ? 1 : 0);
        double[] values = constant.ToDoubles();
        if (graph.Count(variable) != count || values.Distinct().Count() != 1)
        {
            throw GraphReading.Refuse(node, "a bound that differs between elements has no rule in this version", "Give one number.");
        }

        return new ClipLayer(name, graph.Layer(variable), isMaximum ? values[0] : null, isMaximum ? null : values[0], count);
    }
}
