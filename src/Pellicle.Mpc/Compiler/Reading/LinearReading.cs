using Pellicle.Formats.Onnx;
using Pellicle.Formats.Onnx.Passes;
using Pellicle.Mpc.Compiler.Layers;
using Pellicle.Mpc.Core;

namespace Pellicle.Mpc.Compiler.Reading;

/// <summary>Convolutions, fully connected layers, and scales and shifts that could not be folded into one of them.</summary>
internal static class LinearReading
{
    public static LinearLayer Convolution(GraphReading graph, OnnxNode node)
    {
        OnnxTensor weight = graph.Constant(node, 1);
        IReadOnlyList<long> shape = graph.Shape(node.Inputs[0]);
        if (shape.Count != 4 || weight.Rank != 4)
        {
            throw GraphReading.Refuse(node, $"a convolution of {shape.Count - 2} dimensions has no rule in this version", "Use a network of two-dimensional convolutions.");
        }

        OnnxWindow window = OnnxWindow.Of(node, graph.Opset, shape, [.. weight.Shape.Skip(2)]);
        if (window.Before.Concat(window.After).Any(pad => pad < 0))
        {
            throw GraphReading.Refuse(node, "negative padding has no rule", "Export the model without it.");
        }

        var map = new ConvolutionMap
        {
            Channels = (int)shape[1],
            Height = (int)shape[2],
            Width = (int)shape[3],
            Batch = 1,
            OutputChannels = (int)weight.Shape[0],
            Kernel = Pair(window.Kernel),
            Stride = Pair(window.Strides),
            Dilation = Pair(window.Dilations),
            Padding = new((int)window.Before[0], (int)window.Before[1], (int)window.After[0], (int)window.After[1]),
            ChannelGroups = (int)(node.Attributes.GetValueOrDefault("group") as long? ?? 1),
        };
        return new LinearLayer(GraphReading.NameOf(node), graph.Input(node), map, weight.ToFloats(), graph.OptionalConstant(node, 2)?.ToFloats());
    }

    public static LinearLayer FullyConnected(GraphReading graph, OnnxNode node)
    {
        // OnnxLinearForm gives transB = 1 and nothing else to what it could rewrite.
        OnnxTensor weight = graph.Constant(node, 1);
        if (node.Attributes.Count != 1 || !node.Attributes.ContainsKey("transB") || weight.Rank != 2 || graph.Shape(node.Inputs[0]) is not [1, var width] || width != weight.Shape[1])
        {
            throw GraphReading.Refuse(node, $"a product of [{string.Join(", ", graph.Shape(node.Inputs[0]))}] with {weight} in this form has no rule", "Export the model for one image, with constant weights.");
        }

        var map = new DenseMap((int)weight.Shape[0], (int)weight.Shape[1], 1);
        float[]? bias = graph.OptionalConstant(node, 2)?.ToFloats();
        return new LinearLayer(GraphReading.NameOf(node), graph.Input(node), map, weight.ToFloats(), bias?.Length == 1 ? [.. Enumerable.Repeat(bias[0], map.Rows)] : bias);
    }

    /// <summary>x · s or x + t with one constant a channel, as a depth-wise convolution of one pixel.</summary>
    public static LinearLayer ScaleAndShift(GraphReading graph, OnnxNode node)
    {
        string variable = graph.Variables(node)[0];
        bool isFirst = node.Inputs[0] == variable;
        IReadOnlyList<long> shape = graph.Shape(variable);
        float[]? constants = ChannelConstants.Of(graph.Constant(node, isFirst ? 1 : 0), shape);
        if (constants is null || (!isFirst && node.Operator is "Div"))
        {
            throw GraphReading.Refuse(node, "expected a constant that is one number, or one number a channel", "Fold the constant into the weights before it.");
        }

        int channels = constants.Length, plane = graph.Count(variable) / channels;
        float[] scale = Array.ConvertAll(constants, c => node.Operator switch
        {
            "Mul" => c,
            "Div" => 1 / c,
            "Sub" when !isFirst => -1,
            _ => 1f,
        });
        float[]? shift = node.Operator is "Add" or "Sub" ? Array.ConvertAll(constants, c => node.Operator == "Sub" && isFirst ? -c : c) : null;
        var map = new ConvolutionMap { Channels = channels, Height = 1, Width = plane, Batch = 1, OutputChannels = channels, Kernel = new(1, 1), ChannelGroups = channels };
        return new LinearLayer(GraphReading.NameOf(node), graph.Layer(variable), map, scale, shift);
    }

    private static PlaneSize Pair(IReadOnlyList<long> values) => new((int)values[0], (int)values[1]);
}
