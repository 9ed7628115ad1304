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
    public static NetworkLayer ScaleAndShift(GraphReading graph, OnnxNode node)
    {
        string variable = graph.Variables(node)[0];
        bool isFirst = node.Inputs[0] == variable;
        IReadOnlyList<long> shape = graph.Shape(variable);
        OnnxTensor constant = graph.Constant(node, isFirst ? 1 : 0);
        float[]? constants = ChannelConstants.Of(constant, shape);
        if (constants is null && (node.Operator == "Add" || (node.Operator == "Sub" && isFirst)) && IndexReading.Broadcast(constant, shape) is { } all)
        {
            return new ShiftLayer(GraphReading.NameOf(node), graph.Layer(variable), all.Length) { Shift = node.Operator == "Add" ? all : Array.ConvertAll(all, value => -value) };
        }

        if (constants is null || (!isFirst && node.Operator is "Div"))
        {
            throw GraphReading.Refuse(node, "expected a constant that is one number, or one number a channel", "Fold the constant into the weights before it.");
        }

        float[] scale = Array.ConvertAll(constants, c => node.Operator switch
        {
            "Mul" => c,
            "Div" => 1 / c,
            "Sub" when !isFirst => -1,
            _ => 1f,
        });
        float[]? shift = node.Operator is "Add" or "Sub" ? Array.ConvertAll(constants, c => node.Operator == "Sub" && isFirst ? -c : c) : null;
        return PerChannel(GraphReading.NameOf(node), graph.Layer(variable), graph.Count(variable), scale, shift);
    }

    /// <summary>A batch normalisation that stands behind no linear layer.</summary>
    public static LinearLayer BatchNormalization(GraphReading graph, OnnxNode node)
    {
        if ((node.Attributes.GetValueOrDefault("training_mode") as long? ?? 0) != 0 || (node.Attributes.GetValueOrDefault("spatial") as long? ?? 1) == 0)
        {
            throw GraphReading.Refuse(node, "a normalisation by the batch's own statistics, or by position, has no rule", "Export the model for inference.");
        }

        float[][] constants = [.. Enumerable.Range(1, 4).Select(operand => graph.Constant(node, operand).ToFloats())];
        double epsilon = node.Attributes.GetValueOrDefault("epsilon") as float? ?? 1e-5f;
        double[] scale = [.. constants[0].Zip(constants[3], (gamma, variance) => gamma / Math.Sqrt(variance + epsilon))];
        float[] shift = [.. constants[1].Select((beta, c) => (float)(beta - (constants[2][c] * scale[c])))];
        return PerChannel(GraphReading.NameOf(node), graph.Input(node), graph.Count(node.Inputs[0]), Array.ConvertAll(scale, value => (float)value), shift);
    }

    /// <summary>x · s + t with one s and one t for each of equally large channels.</summary>
    public static LinearLayer PerChannel(string name, int input, int count, float[] scale, float[]? shift)
    {
        int channels = scale.Length;
        var map = new ConvolutionMap { Channels = channels, Height = 1, Width = count / channels, Batch = 1, OutputChannels = channels, Kernel = new(1, 1), ChannelGroups = channels };
        return new LinearLayer(name, input, map, scale, shift);
    }

    private static PlaneSize Pair(IReadOnlyList<long> values) => new((int)values[0], (int)values[1]);
}
