using Pellicle.Formats.Onnx;
using Pellicle.Mpc.Compiler.Layers;
using Pellicle.Mpc.Core;

namespace Pellicle.Mpc.Compiler.Reading;

/// <summary>A transposed convolution as an ordinary one: zeros between the pixels, then the kernel turned by half a turn with inputs and outputs exchanged.</summary>
/// <remarks>Dumoulin and Visin 2016, section 4. The zeros are a rearrangement; the convolution costs what any does.</remarks>
internal static class TransposedConvolutionReading
{
    public static void Read(GraphReading graph, OnnxNode node)
    {
        OnnxTensor weight = graph.Constant(node, 1);
        IReadOnlyList<long> shape = graph.Shape(node.Inputs[0]);
        if (shape.Count != 4 || weight.Rank != 4 || node.Attributes.ContainsKey("output_shape") || (node.Attributes.GetValueOrDefault("auto_pad") as string ?? "NOTSET") is not ("NOTSET" or "VALID"))
        {
            throw GraphReading.Refuse(node, "a transposed convolution of other than two dimensions, or with padding chosen by the output's size, has no rule in this version", "Export it with pads in numbers.");
        }

        int[] kernel = [(int)weight.Shape[2], (int)weight.Shape[3]];
        int[] strides = Pair(node, "strides", 1), dilations = Pair(node, "dilations", 1), more = Pair(node, "output_padding", 0);
        long[] pads = node.Attributes.GetValueOrDefault("pads") as long[] ?? [0, 0, 0, 0];
        int groups = (int)(node.Attributes.GetValueOrDefault("group") as long? ?? 1);
        int[] reach = [dilations[0] * (kernel[0] - 1), dilations[1] * (kernel[1] - 1)];

        // Behind the last pixel of a line come stride - 1 zeros as well, which count as padding.
        int[] before = [.. Enumerable.Range(0, 2).Select(axis => reach[axis] - (int)pads[axis])];
        int[] after = [.. Enumerable.Range(0, 2).Select(axis => reach[axis] - (int)pads[axis + 2] + more[axis] - (strides[axis] - 1))];
        if (before.Concat(after).Any(pad => pad < 0))
        {
            throw GraphReading.Refuse(node, "padding larger than the kernel's reach has no rule in this version", "Export it with less padding.");
        }

        int channels = (int)shape[1], height = (int)shape[2], width = (int)shape[3];
        string name = GraphReading.NameOf(node);
        int spread = graph.Append(new IndexLayer(name + ":zeros", graph.Input(node), "Pad", new IndexMap(channels * height * width, 0,
            [new(channels, height * width), new(height, width), new(strides[0], 0, 0, 1), new(width, 1), new(strides[1], 0, 0, 1)])));
        var map = new ConvolutionMap
        {
            Channels = channels,
            Height = height * strides[0],
            Width = width * strides[1],
            Batch = 1,
            OutputChannels = (int)weight.Shape[1] * groups,
            Kernel = new(kernel[0], kernel[1]),
            Dilation = new(dilations[0], dilations[1]),
            Padding = new(before[0], before[1], after[0], after[1]),
            ChannelGroups = groups,
        };
        graph.Add(node, new LinearLayer(name, spread, map, Turned(weight, groups), graph.OptionalConstant(node, 2)?.ToFloats()));
    }

    // [C, O/g, kh, kw] to [O, C/g, kh, kw], each kernel turned by half a turn.
    private static float[] Turned(OnnxTensor weight, int groups)
    {
        float[] values = weight.ToFloats(), turned = new float[values.Length];
        int perGroup = (int)weight.Shape[0] / groups, outputs = (int)weight.Shape[1], taps = (int)(weight.Shape[2] * weight.Shape[3]);
        for (int i = 0; i < values.Length; i++)
        {
            int tap = i % taps, output = i / taps % outputs, channel = i / (taps * outputs), group = channel / perGroup;
            turned[(((((group * outputs) + output) * perGroup) + (channel % perGroup)) * taps) + (taps - 1 - tap)] = values[i];
        }

        return turned;
    }

    private static int[] Pair(OnnxNode node, string attribute, int otherwise) =>
        node.Attributes.GetValueOrDefault(attribute) is long[] values ? [(int)values[0], (int)values[1]] : [otherwise, otherwise];
}
