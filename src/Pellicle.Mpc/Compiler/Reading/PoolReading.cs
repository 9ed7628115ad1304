using Pellicle.Formats.Onnx;
using Pellicle.Formats.Onnx.Passes;

namespace Pellicle.Mpc.Compiler.Reading;

/// <summary>Maxima and means over windows, or over whole planes.</summary>
internal static class PoolReading
{
    public static PoolLayer Read(GraphReading graph, OnnxNode node)
    {
        IReadOnlyList<long> shape = graph.Shape(node.Inputs[0]);
        if (shape.Count != 4)
        {
            throw graph.Refuse(node, $"a pool over [{string.Join(", ", shape)}] has no rule in this version", "Use a network of two-dimensional pools.");
        }

        if (node.Operator == "ReduceMean" && !IsOverPlanes(graph, node))
        {
            throw graph.Refuse(node, "a mean over other axes than height and width has no rule in this version", "Use GlobalAveragePool.");
        }

        int channels = (int)shape[1], plane = (int)(shape[2] * shape[3]);
        bool isGlobal = node.Operator is "GlobalAveragePool" or "GlobalMaxPool" or "ReduceMean";
        bool isMaximum = node.Operator is "MaxPool" or "GlobalMaxPool";
        IReadOnlyList<int[]> places = isGlobal ? [.. Enumerable.Range(0, plane).Select(p => new[] { p })] : OnnxWindow.Of(node, graph.Opset, shape).Places;
        if (isMaximum)
        {
            places = WithoutPadding(places);
        }
        else if (places.Any(tap => tap.Contains(-1)))
        {
            throw graph.Refuse(node, "means over windows that reach into the padding have no rule in this version", "Use AveragePool without padding, or a stride that fits the image.");
        }

        int[][] windows = [.. places.Select(tap => Enumerable.Range(0, channels).SelectMany(c => tap.Select(p => (c * plane) + p)).ToArray())];
        return new PoolLayer(graph.NameOf(node), graph.Input(node), isMaximum, channels * plane, windows);
    }

    // A maximum does not change when an element counts twice: padding becomes another element of the same window.
    private static int[][] WithoutPadding(IReadOnlyList<int[]> places)
    {
        int[] inside = [.. Enumerable.Range(0, places[0].Length).Select(window => places.First(tap => tap[window] >= 0)[window])];
        return [.. places.Select(tap => tap.Select((place, window) => place >= 0 ? place : inside[window]).ToArray())];
    }

    private static bool IsOverPlanes(GraphReading graph, OnnxNode node)
    {
        long[]? axes = node.Attributes.GetValueOrDefault("axes") as long[] ?? graph.OptionalConstant(node, 1)?.Integers.ToArray();
        return axes is not null && axes.Select(axis => axis < 0 ? axis + 4 : axis).Order().SequenceEqual([2L, 3]);
    }
}
