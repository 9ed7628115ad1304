using Pellicle.Formats.Onnx;
using Pellicle.Formats.Onnx.Passes;
using Pellicle.Mpc.Compiler.Layers;
using Pellicle.Mpc.Core;

namespace Pellicle.Mpc.Compiler.Reading;

/// <summary>Maxima and means over windows, or over whole planes.</summary>
internal static class PoolReading
{
    public static PoolLayer Read(GraphReading graph, OnnxNode node)
    {
        IReadOnlyList<long> shape = graph.Shape(node.Inputs[0]);
        if (shape.Count != 4)
        {
            throw GraphReading.Refuse(node, $"a pool over [{string.Join(", ", shape)}] has no rule in this version", "Use a network of two-dimensional pools.");
        }

        if (node.Operator == "ReduceMean" && !IsOverPlanes(graph, node))
        {
            throw GraphReading.Refuse(node, "a mean over other axes than height and width has no rule in this version", "Use GlobalAveragePool.");
        }

        bool isGlobal = node.Operator is "GlobalAveragePool" or "GlobalMaxPool" or "ReduceMean";
        bool isMaximum = node.Operator is "MaxPool" or "GlobalMaxPool";
        PoolMap map = isGlobal ? PoolMap.Whole((int)shape[1], (int)shape[2], (int)shape[3]) : Windows(graph, node, shape);
        if (map.Places() is var places && Enumerable.Range(0, map.OutputCount).Any(i => places.All(tap => tap[i] < 0)))
        {
            throw GraphReading.Refuse(node, "a window lies in the padding as a whole", "Export the model with less padding.");
        }

        bool countsPadding = !isMaximum && (node.Attributes.GetValueOrDefault("count_include_pad") as long? ?? 0) != 0;
        return new PoolLayer(GraphReading.NameOf(node), graph.Input(node), isMaximum, map, countsPadding);
    }

    private static PoolMap Windows(GraphReading graph, OnnxNode node, IReadOnlyList<long> shape)
    {
        OnnxWindow window = OnnxWindow.Of(node, graph.Opset, shape);
        if ((node.Attributes.GetValueOrDefault("ceil_mode") as long? ?? 0) != 0 && (node.Attributes.GetValueOrDefault("count_include_pad") as long? ?? 0) != 0)
        {
            throw GraphReading.Refuse(node, "means that count the padding, with sizes rounded up, have no rule in this version", "Export the model with ceil_mode 0.");
        }

        return new PoolMap
        {
            Channels = (int)shape[1],
            Height = (int)shape[2],
            Width = (int)shape[3],
            Kernel = Size(window.Kernel),
            Stride = Size(window.Strides),
            Dilation = Size(window.Dilations),
            Before = Size(window.Before),
            Output = Size(window.Output),
        };
    }

    private static PlaneSize Size(IReadOnlyList<long> values) => new((int)values[0], (int)values[1]);

    private static bool IsOverPlanes(GraphReading graph, OnnxNode node)
    {
        long[]? axes = node.Attributes.GetValueOrDefault("axes") as long[] ?? graph.OptionalConstant(node, 1)?.Integers.ToArray();
        return axes is not null && axes.Select(axis => axis < 0 ? axis + 4 : axis).Order().SequenceEqual([2L, 3]);
    }
}
