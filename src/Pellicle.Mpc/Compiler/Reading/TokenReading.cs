using Pellicle.Formats.Onnx;
using Pellicle.Mpc.Compiler.Layers;
using Pellicle.Mpc.Core;

namespace Pellicle.Mpc.Compiler.Reading;

/// <summary>What transformers are made of: products of results, fully connected layers on tokens, layer normalisation, softmax.</summary>
internal static class TokenReading
{
    private const string Remedy = "Export the model for one image, with the tokens in the last axis but one.";

    public static void MatrixProduct(GraphReading graph, OnnxNode node)
    {
        if (graph.IsConstant(node.Inputs[0]))
        {
            throw GraphReading.Refuse(node, "a constant on the left has no rule in this version", Remedy);
        }

        if (graph.IsConstant(node.Inputs[1]))
        {
            OnTokens(graph, node);
            return;
        }

        IReadOnlyList<long> left = graph.Shape(node.Inputs[0]), right = graph.Shape(node.Inputs[1]);
        if (left.Count < 2 || left.Count != right.Count || !left.SkipLast(2).SequenceEqual(right.SkipLast(2)))
        {
            throw GraphReading.Refuse(node, $"a product of [{string.Join(", ", left)}] and [{string.Join(", ", right)}] has no rule in this version", Remedy);
        }

        var map = new ProductMap((int)IndexReading.Product(left.SkipLast(2)), (int)left[^2], (int)left[^1], (int)right[^1]);
        graph.Add(node, new ProductLayer(GraphReading.NameOf(node), graph.Layer(node.Inputs[0]), graph.Layer(node.Inputs[1]), map));
    }

    public static void LayerNormalization(GraphReading graph, OnnxNode node)
    {
        IReadOnlyList<long> shape = graph.Shape(node.Inputs[0]);
        if (IndexReading.Axis(node.Attributes.GetValueOrDefault("axis") as long? ?? -1, shape.Count) != shape.Count - 1)
        {
            throw GraphReading.Refuse(node, "a layer normalisation over several axes has no rule in this version", "Normalise over the last axis.");
        }

        int channels = (int)shape[^1], tokens = graph.Count(node.Inputs[0]) / channels;
        float[] shift = graph.OptionalConstant(node, 2)?.ToFloats() ?? new float[channels];
        double epsilon = node.Attributes.GetValueOrDefault("epsilon") as float? ?? 1e-5f;
        graph.Add(node, new NormalizationLayer(GraphReading.NameOf(node), graph.Input(node), new NormalizationMap(channels, tokens, tokens, IsPerPosition: true), epsilon, graph.Constant(node, 1).ToFloats(), shift));
    }

    public static void Softmax(GraphReading graph, OnnxNode node)
    {
        IReadOnlyList<long> shape = graph.Shape(node.Inputs[0]);
        int axis = IndexReading.Axis(node.Attributes.GetValueOrDefault("axis") as long? ?? (graph.Opset < 13 ? 1 : -1), shape.Count);
        bool isLast = axis == shape.Count - 1;
        if (!isLast || shape[^1] is < 2 or > 4096)
        {
            throw GraphReading.Refuse(node, $"a softmax over axis {axis} of [{string.Join(", ", shape)}] has no rule in this version", "Take it over the last axis, of 2 to 4,096 entries.");
        }

        graph.Add(node, new SoftmaxLayer(GraphReading.NameOf(node), graph.Input(node), graph.Count(node.Inputs[0]) / (int)shape[^1], (int)shape[^1]));
    }

    private static void OnTokens(GraphReading graph, OnnxNode node)
    {
        OnnxTensor weight = graph.Constant(node, 1);
        IReadOnlyList<long> shape = graph.Shape(node.Inputs[0]);
        if (weight.Rank != 2 || shape[^1] != weight.Shape[0])
        {
            throw GraphReading.Refuse(node, $"a product of [{string.Join(", ", shape)}] with {weight} has no rule in this version", Remedy);
        }

        int depth = (int)weight.Shape[0], width = (int)weight.Shape[1], tokens = graph.Count(node.Inputs[0]) / depth;
        float[] values = weight.ToFloats();
        float[] transposed = Array.ConvertAll(IndexMap.Transposed(depth, width).Places(), place => values[place]);
        OnnxNode last = Bias(graph, node, width, out float[]? bias);
        int product = graph.Append(new LinearLayer(GraphReading.NameOf(node), graph.Input(node), new TokenMap(width, depth, tokens), transposed, bias));
        graph.Add(node, new IndexLayer(GraphReading.NameOf(node) + ":tokens", product, "Transpose", IndexMap.Transposed(width, tokens)));
        if (!ReferenceEquals(last, node))
        {
            graph.Rename(last, node.Outputs[0]);
        }
    }

    // A constant row that is added next is the bias of the layer.
    private static OnnxNode Bias(GraphReading graph, OnnxNode node, int width, out float[]? bias)
    {
        bias = null;
        if (graph.OnlyUser(node.Outputs[0]) is { Operator: "Add", Domain: "" } add && graph.Variables(add).Count == 1)
        {
            OnnxTensor constant = graph.Constant(add, add.Inputs[0] == node.Outputs[0] ? 1 : 0);
            if (constant.Count == width && constant.Shape[^1] == width)
            {
                bias = constant.ToFloats();
                return add;
            }
        }

        return node;
    }
}
