using Pellicle.Core.Errors;
using Pellicle.Formats.Onnx;
using Pellicle.Formats.Onnx.Passes;
using Pellicle.Mpc.Compiler.Layers;

namespace Pellicle.Mpc.Compiler.Reading;

/// <summary>Makes a network for encrypted prediction from an ONNX graph: simplify → one layer a node, or the reason why not.</summary>
public static class NetworkReader
{
    private const string Remedy = "Train a convolutional network (cnn_small, cnn_mnist, resnet18), or predict in the clear: pellicle predict.";

    /// <summary>Reads a graph, one image at a time.</summary>
    /// <param name="model">The model: one image goes in, one row of numbers comes out. A Softmax at the end is left out, see <see cref="OnnxFinalSoftmax"/>.</param>
    /// <returns>Its layers, in order.</returns>
    /// <exception cref="DataFormatException">A node has no rule on shares: all of them are listed, with reason and remedy.</exception>
    public static Network Read(OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        CheckEnds(model.Graph);
        (OnnxModel simple, IReadOnlyDictionary<string, IReadOnlyList<long>> shapes) = OnnxSimplifier.Run(OnnxFinalSoftmax.Remove(model).Model);
        var graph = new GraphReading(simple, shapes);
        var problems = new List<Problem>();
        foreach (OnnxNode node in simple.Graph.Nodes.Where(node => !graph.IsRead(node)))
        {
            try
            {
                // What depends on a refused node is not judged.
                if (node.Inputs.All(input => input.Length == 0 || graph.IsConstant(input) || graph.IsKnown(input)))
                {
                    Read(graph, node);
                }
            }
            catch (DataFormatException e)
            {
                problems.Add(new Problem(node.DisplayName, e.Message, e.Hint));
            }
        }

        if (problems.Count > 0)
        {
            throw new DataFormatException($"{(problems.Count == 1 ? "one node has" : $"{problems.Count} nodes have")} no rule on shares; first: {problems[0].Message}", problems[0].Hint, problems);
        }

        return graph.Layers.Count > 0 ? new Network(graph.InputCount, graph.Layers) : throw new DataFormatException("the graph computes nothing from its input.", "Check the model.");
    }

    private static void CheckEnds(OnnxGraph graph)
    {
        if (graph.Inputs.Count != 1 || graph.Outputs.Count != 1 || graph.Inputs[0].Shape is not [var batch, ..] || batch > 1)
        {
            throw new DataFormatException(
                $"the graph has {graph.Inputs.Count} inputs ({string.Join(", ", graph.Inputs.Select(input => $"{input.Name} [{string.Join(", ", input.Shape ?? [])}]"))}) and {graph.Outputs.Count} outputs; expected one image of batch 1 or a free batch, and one output.",
                "Export the part of the model that gives the logits, for one image.");
        }
    }

    private static void Read(GraphReading graph, OnnxNode node)
    {
        switch (node.Domain.Length > 0 ? $"{node.Domain}::{node.Operator}" : node.Operator)
        {
            case "Conv":
                graph.Add(node, LinearReading.Convolution(graph, node));
                break;
            case "Gemm":
                graph.Add(node, LinearReading.FullyConnected(graph, node));
                break;
            case "Add" when graph.Variables(node).Count == 2:
                graph.Add(node, Sum(graph, node));
                break;
            case "Add" or "Sub" or "Mul" or "Div" when graph.Variables(node).Count == 1:
                graph.Add(node, LinearReading.ScaleAndShift(graph, node));
                break;
            case "MaxPool" or "AveragePool" or "GlobalAveragePool" or "GlobalMaxPool" or "ReduceMean":
                graph.Add(node, PoolReading.Read(graph, node));
                break;
            case "InstanceNormalization" or "GroupNormalization":
                NormalizationReading.Read(graph, node);
                break;
            case "Relu":
                graph.Add(node, Activation(graph, node, ActivationKind.Relu));
                break;
            case "Tanh":
                graph.Add(node, Activation(graph, node, ActivationKind.Tanh));
                break;
            case "Sigmoid":
                graph.Add(node, Activation(graph, node, ActivationKind.Sigmoid));
                break;
            case "Gelu" or "com.microsoft::Gelu":
                graph.Add(node, Activation(graph, node, ActivationKind.Gelu));
                break;
            case "Flatten" or "Reshape" or "Squeeze" or "Unsqueeze" or "Identity" or "Dropout":
                // One image: the elements keep their order.
                graph.Rename(node);
                break;
            case "MatMul" or "Mul" or "Div" or "Sub":
                throw GraphReading.Refuse(node, "operands that are both computed from the image, or weights of another rank than 2, have no rule in this version", Remedy);
            default:
                throw GraphReading.Refuse(node, "the operator has no rule on shares in this version", Remedy);
        }
    }

    private static ActivationLayer Activation(GraphReading graph, OnnxNode node, ActivationKind kind) => new(GraphReading.NameOf(node), graph.Input(node), kind, graph.Count(node.Inputs[0]));

    private static AddLayer Sum(GraphReading graph, OnnxNode node) => graph.Shape(node.Inputs[0]).SequenceEqual(graph.Shape(node.Inputs[1]))
        ? new AddLayer(GraphReading.NameOf(node), graph.Layer(node.Inputs[0]), graph.Layer(node.Inputs[1]), graph.Count(node.Outputs[0]))
        : throw GraphReading.Refuse(node, "the operands have different shapes", "Export the model with operands of one shape.");
}
