using Pellicle.Core.Errors;
using Pellicle.Formats.Onnx;
using Pellicle.Formats.Onnx.Passes;
using Pellicle.Mpc.Compiler.Layers;

namespace Pellicle.Mpc.Compiler.Reading;

/// <summary>Makes a network for encrypted prediction from an ONNX graph: simplify → one layer a node, or the reason why not.</summary>
public static class NetworkReader
{
    private const string Remedy = "Train a convolutional network (cnn_small, cnn_mnist, resnet18), or predict in the clear: pellicle predict.";

    private static readonly Dictionary<string, Action<GraphReading, OnnxNode>> Rules = new()
    {
        ["Conv"] = (graph, node) => graph.Add(node, LinearReading.Convolution(graph, node)),
        ["Gemm"] = (graph, node) => graph.Add(node, LinearReading.FullyConnected(graph, node)),
        ["ConvTranspose"] = TransposedConvolutionReading.Read,
        ["BatchNormalization"] = (graph, node) => graph.Add(node, LinearReading.BatchNormalization(graph, node)),
        ["MatMul"] = TokenReading.MatrixProduct,
        ["Add"] = Arithmetic,
        ["Sub"] = Arithmetic,
        ["Mul"] = Arithmetic,
        ["Div"] = Arithmetic,
        ["Sum"] = Arithmetic,
        ["Mean"] = Mean,
        ["Pow"] = Power,
        ["Max"] = MaximumReading.Extreme,
        ["Min"] = MaximumReading.Extreme,
        ["Abs"] = MaximumReading.Absolute,
        ["Neg"] = Negate,
        ["MaxPool"] = Pool,
        ["AveragePool"] = Pool,
        ["GlobalAveragePool"] = Pool,
        ["GlobalMaxPool"] = Pool,
        ["ReduceMean"] = Pool,
        ["ReduceSum"] = Pool,
        ["ReduceMax"] = Pool,
        ["InstanceNormalization"] = NormalizationReading.Read,
        ["GroupNormalization"] = NormalizationReading.Read,
        ["LayerNormalization"] = TokenReading.LayerNormalization,
        ["Softmax"] = TokenReading.Softmax,
        ["Relu"] = ActivationReading.Read,
        ["Tanh"] = ActivationReading.Read,
        ["Sigmoid"] = ActivationReading.Read,
        ["Gelu"] = ActivationReading.Read,
        ["Elu"] = ActivationReading.Read,
        ["Selu"] = ActivationReading.Read,
        ["Softplus"] = ActivationReading.Read,
        ["Clip"] = ActivationReading.Read,
        ["HardSigmoid"] = ActivationReading.Read,
        ["HardSwish"] = ActivationReading.Read,
        ["Swish"] = ActivationReading.Read,
        ["LeakyRelu"] = ActivationReading.Read,
        ["PRelu"] = ActivationReading.Read,
        ["Transpose"] = IndexReading.Transpose,
        ["Gather"] = IndexReading.Gather,
        ["Slice"] = IndexReading.Slice,
        ["Split"] = IndexReading.Split,
        ["Pad"] = IndexReading.Pad,
        ["Concat"] = IndexReading.Concat,
        ["Expand"] = SpatialReading.Expand,
        ["Resize"] = SpatialReading.Resize,
        ["Upsample"] = SpatialReading.Resize,
        ["DepthToSpace"] = SpatialReading.DepthToSpace,
        ["SpaceToDepth"] = SpatialReading.SpaceToDepth,
        ["Flatten"] = Rename,
        ["Reshape"] = Rename,
        ["Squeeze"] = Rename,
        ["Unsqueeze"] = Rename,
        ["Identity"] = Rename,
        ["Dropout"] = Rename,
    };

    /// <summary>Operators that are read, if their operands allow it. Erf besides where it is part of a GELU, and Softmax or LogSoftmax at the end, which the client takes.</summary>
    public static IReadOnlyCollection<string> Operators => Rules.Keys;

    /// <summary>Why a graph cannot be read; empty if it can.</summary>
    /// <param name="model">The model.</param>
    public static IReadOnlyList<Problem> ProblemsOf(OnnxModel model)
    {
        try
        {
            Read(model);
            return [];
        }
        catch (DataFormatException e)
        {
            return e.Problems.Count > 0 ? e.Problems : [new Problem("graph", e.Message, e.Hint)];
        }
    }

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

        return graph.Layers.Count > 0 ? PoolFolding.Fold(new Network(graph.InputCount, graph.Layers)) : throw new DataFormatException("the graph computes nothing from its input.", "Check the model.");
    }

    private static void Pool(GraphReading graph, OnnxNode node) => graph.Add(node, PoolReading.Read(graph, node));

    // One image: the elements keep their order.
    private static void Rename(GraphReading graph, OnnxNode node) => graph.Rename(node);

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
        if (node.Domain is "" or "com.microsoft" && Rules.TryGetValue(node.Operator, out Action<GraphReading, OnnxNode>? rule))
        {
            rule(graph, node);
        }
        else
        {
            throw GraphReading.Refuse(node, "the operator has no rule on shares in this version", Remedy);
        }
    }

    private static void Sum(GraphReading graph, OnnxNode node)
    {
        int sum = IndexReading.Broadcast(graph, node, node.Inputs[0]);
        string name = GraphReading.NameOf(node);
        for (int i = 1; i < node.Inputs.Count; i++)
        {
            var layer = new AddLayer(i == node.Inputs.Count - 1 ? name : $"{name}:{i}", sum, IndexReading.Broadcast(graph, node, node.Inputs[i]), graph.Count(node.Outputs[0]), node.Operator == "Sub");
            if (i == node.Inputs.Count - 1)
            {
                graph.Add(node, layer);
            }
            else
            {
                sum = graph.Append(layer);
            }
        }
    }

    private static void Arithmetic(GraphReading graph, OnnxNode node)
    {
        int variables = graph.Variables(node).Count;
        if (variables == 1 && node.Inputs.Count == 2)
        {
            graph.Add(node, LinearReading.ScaleAndShift(graph, node));
        }
        else if (variables == node.Inputs.Count && variables > 1 && (node.Operator is "Add" or "Sub" or "Sum"))
        {
            Sum(graph, node);
        }
        else if (variables == 2 && node.Operator == "Mul")
        {
            graph.Add(node, new MultiplyLayer(GraphReading.NameOf(node), IndexReading.Broadcast(graph, node, node.Inputs[0]), IndexReading.Broadcast(graph, node, node.Inputs[1]), graph.Count(node.Outputs[0])));
        }
        else
        {
            throw GraphReading.Refuse(node, "a quotient of two results, or a sum of results and constants at once, has no rule in this version", Remedy);
        }
    }

    private static void Mean(GraphReading graph, OnnxNode node)
    {
        if (graph.Variables(node).Count != node.Inputs.Count)
        {
            throw GraphReading.Refuse(node, "a mean of results and constants at once has no rule in this version", Remedy);
        }

        int count = graph.Count(node.Outputs[0]), sum = IndexReading.Broadcast(graph, node, node.Inputs[0]);
        for (int i = 1; i < node.Inputs.Count; i++)
        {
            sum = graph.Append(new AddLayer($"{GraphReading.NameOf(node)}:{i}", sum, IndexReading.Broadcast(graph, node, node.Inputs[i]), count));
        }

        graph.Add(node, LinearReading.PerChannel(GraphReading.NameOf(node), sum, count, [1f / node.Inputs.Count], null));
    }

    // x² alone: other exponents have no exact form in few products.
    private static void Power(GraphReading graph, OnnxNode node)
    {
        if (graph.IsConstant(node.Inputs[0]) || graph.Constant(node, 1).ToDoubles() is not [2])
        {
            throw GraphReading.Refuse(node, "powers other than the square have no rule in this version", "Spell it out by products.");
        }

        graph.Add(node, new MultiplyLayer(GraphReading.NameOf(node), graph.Input(node), graph.Input(node), graph.Count(node.Outputs[0])));
    }

    private static void Negate(GraphReading graph, OnnxNode node) =>
        graph.Add(node, LinearReading.PerChannel(GraphReading.NameOf(node), graph.Input(node), graph.Count(node.Inputs[0]), [-1], null));
}
