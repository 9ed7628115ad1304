using Pellicle.Formats.Onnx;
using Pellicle.Mpc.Compiler.Layers;

namespace Pellicle.Mpc.Compiler.Reading;

/// <summary>Functions of one element, those that are made of others included.</summary>
internal static class ActivationReading
{
    public static void Read(GraphReading graph, OnnxNode node)
    {
        int input = graph.Input(node), count = graph.Count(node.Inputs[0]);
        string name = GraphReading.NameOf(node);
        switch (node.Operator)
        {
            case "Relu":
                graph.Add(node, new ActivationLayer(name, input, ActivationKind.Relu, count));
                break;
            case "Tanh":
                graph.Add(node, new ActivationLayer(name, input, ActivationKind.Tanh, count));
                break;
            case "Sigmoid":
                graph.Add(node, new ActivationLayer(name, input, ActivationKind.Sigmoid, count));
                break;
            case "Gelu":
                graph.Add(node, new ActivationLayer(name, input, ActivationKind.Gelu, count));
                break;
            case "Elu" when Real(node, "alpha", 1) == 1:
                graph.Add(node, new ActivationLayer(name, input, ActivationKind.Elu, count));
                break;
            case "Selu" when !node.Attributes.ContainsKey("alpha") && !node.Attributes.ContainsKey("gamma"):
                graph.Add(node, new ActivationLayer(name, input, ActivationKind.Selu, count));
                break;
            case "Elu" or "Selu":
                throw GraphReading.Refuse(node, "coefficients other than the usual ones have no rule in this version", "Leave alpha and gamma at their defaults.");
            case "Softplus":
                graph.Add(node, new ActivationLayer(name, input, ActivationKind.Softplus, count));
                break;
            case "Clip":
                graph.Add(node, Clip(graph, node, name, input, count));
                break;
            case "HardSigmoid":
                graph.Add(node, HardSigmoid(graph, name, input, count, Real(node, "alpha", 0.2f), Real(node, "beta", 0.5f)));
                break;
            case "HardSwish":
                graph.Add(node, new MultiplyLayer(name, input, graph.Append(HardSigmoid(graph, name + ":gate", input, count, 1f / 6, 0.5f)), count));
                break;
            case "Swish":
                int scaled = Real(node, "alpha", 1) == 1 ? input : graph.Append(Scaled(name + ":scale", input, count, Real(node, "alpha", 1), null));
                graph.Add(node, new MultiplyLayer(name, input, graph.Append(new ActivationLayer(name + ":sigmoid", scaled, ActivationKind.Sigmoid, count)), count));
                break;
            default:
                Leaky(graph, node, name, input, count);
                break;
        }
    }

    private static ClipLayer Clip(GraphReading graph, OnnxNode node, string name, int input, int count)
    {
        double? low = graph.OptionalConstant(node, 1)?.ToDoubles()[0] ?? node.Attributes.GetValueOrDefault("min") as float?;
        double? high = graph.OptionalConstant(node, 2)?.ToDoubles()[0] ?? node.Attributes.GetValueOrDefault("max") as float?;
        const double Unbounded = 1e9;
        (low, high) = (low is > -Unbounded ? low : null, high is < Unbounded ? high : null);
        return (low is not null || high is not null) && !(low > high)
            ? new ClipLayer(name, input, low, high, count)
            : throw GraphReading.Refuse(node, $"the bounds [{low}, {high}] leave nothing to cut, or nothing at all", "Give a least or a largest value.");
    }

    private static ClipLayer HardSigmoid(GraphReading graph, string name, int input, int count, float alpha, float beta) =>
        new(name, graph.Append(Scaled(name + ":scale", input, count, alpha, beta)), 0, 1, count);

    // a · x + (1 - a) · max(x, 0), with one slope or one a channel.
    private static void Leaky(GraphReading graph, OnnxNode node, string name, int input, int count)
    {
        IReadOnlyList<long> shape = graph.Shape(node.Inputs[0]);
        float[]? slopes = node.Operator == "PRelu" ? ChannelConstants.Of(graph.Constant(node, 1), shape) : [Real(node, "alpha", 0.01f)];
        if (slopes is null)
        {
            throw GraphReading.Refuse(node, "slopes that differ between positions have no rule in this version", "Give one slope, or one a channel.");
        }

        int relu = graph.Append(new ActivationLayer(name + ":relu", input, ActivationKind.Relu, count));
        int negative = graph.Append(LinearReading.PerChannel(name + ":slope", input, count, slopes, null));
        int positive = graph.Append(LinearReading.PerChannel(name + ":rest", relu, count, Array.ConvertAll(slopes, slope => 1 - slope), null));
        graph.Add(node, new AddLayer(name, negative, positive, count));
    }

    private static LinearLayer Scaled(string name, int input, int count, float factor, float? shift) => LinearReading.PerChannel(name, input, count, [factor], shift is { } s ? [s] : null);

    private static float Real(OnnxNode node, string attribute, float otherwise) => node.Attributes.GetValueOrDefault(attribute) as float? ?? otherwise;
}
