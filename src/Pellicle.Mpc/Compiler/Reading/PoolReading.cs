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
        if (node.Operator is "ReduceMean" or "ReduceSum" or "ReduceMax")
        {
            return new PoolLayer(GraphReading.NameOf(node), graph.Input(node), node.Operator == "ReduceMax", Reduced(graph, node, shape), IsSum: node.Operator == "ReduceSum");
        }

        if (shape.Count != 4)
        {
            throw GraphReading.Refuse(node, $"a pool over [{string.Join(", ", shape)}] has no rule in this version", "Use a network of two-dimensional pools.");
        }

        bool isGlobal = node.Operator is "GlobalAveragePool" or "GlobalMaxPool";
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

    // Neighbouring axes as one window: [outer, reduced, inner].
    private static PoolMap Reduced(GraphReading graph, OnnxNode node, IReadOnlyList<long> shape)
    {
        long[]? given = node.Attributes.GetValueOrDefault("axes") as long[] ?? graph.OptionalConstant(node, 1)?.Integers.ToArray();
        int[] axes = [.. (given ?? [.. Enumerable.Range(0, shape.Count).Select(axis => (long)axis)]).Select(axis => IndexReading.Axis(axis, shape.Count)).Order()];
        if (axes.Length == 0 || axes[^1] - axes[0] != axes.Length - 1)
        {
            throw GraphReading.Refuse(node, $"the axes {string.Join(", ", axes)}, which are not neighbours, has no rule in this version", "Take neighbouring axes together.");
        }

        int reduced = (int)IndexReading.Product(shape.Skip(axes[0]).Take(axes.Length)), inner = (int)IndexReading.Product(shape.Skip(axes[^1] + 1));
        return new PoolMap { Channels = (int)IndexReading.Product(shape.Take(axes[0])), Height = reduced, Width = inner, Kernel = new(reduced, 1), Output = new(1, inner) };
    }
}
