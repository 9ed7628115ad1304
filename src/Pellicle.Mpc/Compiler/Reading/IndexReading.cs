using Pellicle.Core.Errors;
using Pellicle.Formats.Onnx;
using Pellicle.Mpc.Compiler.Layers;

namespace Pellicle.Mpc.Compiler.Reading;

/// <summary>Operators that only move elements: they cost no messages.</summary>
internal static class IndexReading
{
    private const string Remedy = "Export the model again, for one fixed input size.";

    public static void Transpose(GraphReading graph, OnnxNode node)
    {
        IReadOnlyList<long> shape = graph.Shape(node.Inputs[0]);
        int[] strides = Strides(shape);
        long[] order = node.Attributes.GetValueOrDefault("perm") as long[] ?? [.. Enumerable.Range(0, shape.Count).Select(axis => (long)(shape.Count - 1 - axis))];
        Add(graph, node, 0, 0, [.. order.Select(axis => new IndexAxis((int)shape[(int)axis], strides[(int)axis]))]);
    }

    public static void Gather(GraphReading graph, OnnxNode node)
    {
        IReadOnlyList<long> shape = graph.Shape(node.Inputs[0]);
        int axis = Axis(node.Attributes.GetValueOrDefault("axis") as long? ?? 0, shape.Count);
        long[] indices = [.. graph.Constant(node, 1).Integers.ToArray().Select(index => index < 0 ? index + shape[axis] : index)];
        long step = indices.Length > 1 ? indices[1] - indices[0] : 1;
        if (indices.Length == 0 || indices.Where((index, i) => index != indices[0] + (i * step) || index < 0 || index >= shape[axis]).Any())
        {
            throw GraphReading.Refuse(node, "a choice of elements without a fixed step has no rule in this version", "Choose them by Slice.");
        }

        int[] strides = Strides(shape);
        IndexAxis[] axes = Whole(shape);
        axes[axis] = new IndexAxis(indices.Length, (int)step * strides[axis]);
        Add(graph, node, 0, (int)indices[0] * strides[axis], axes);
    }

    public static void Slice(GraphReading graph, OnnxNode node)
    {
        IReadOnlyList<long> shape = graph.Shape(node.Inputs[0]);
        long[] starts = Integers(graph, node, 1, "starts") ?? [], ends = Integers(graph, node, 2, "ends") ?? [];
        long[] along = Integers(graph, node, 3, "axes") ?? [.. Enumerable.Range(0, starts.Length).Select(i => (long)i)];
        long[] steps = Integers(graph, node, 4, "steps") ?? [.. starts.Select(_ => 1L)];
        int[] strides = Strides(shape);
        IndexAxis[] axes = Whole(shape);
        int offset = 0;
        for (int i = 0; i < starts.Length; i++)
        {
            int axis = Axis(along[i], shape.Count);
            long size = shape[axis], step = steps[i];
            long first = step > 0 ? Math.Clamp(Counted(starts[i], size), 0, size) : Math.Clamp(Counted(starts[i], size), 0, size - 1);
            long end = step > 0 ? Math.Clamp(Counted(ends[i], size), 0, size) : Math.Clamp(Counted(ends[i], size), -1, size - 1);
            long count = Math.Max(0, (end - first + step - Math.Sign(step)) / step);
            axes[axis] = new IndexAxis((int)count, (int)step * strides[axis]);
            offset += (int)first * strides[axis];
        }

        Add(graph, node, 0, offset, axes);
    }

    public static void Split(GraphReading graph, OnnxNode node)
    {
        IReadOnlyList<long> shape = graph.Shape(node.Inputs[0]);
        int axis = Axis(node.Attributes.GetValueOrDefault("axis") as long? ?? 0, shape.Count), start = 0;
        int[] strides = Strides(shape);
        for (int i = 0; i < node.Outputs.Count; i++)
        {
            int size = (int)graph.Shape(node.Outputs[i])[axis];
            IndexAxis[] axes = Whole(shape);
            axes[axis] = new IndexAxis(size, strides[axis]);
            Add(graph, node, i, start * strides[axis], axes);
            start += size;
        }
    }

    public static void Pad(GraphReading graph, OnnxNode node)
    {
        IReadOnlyList<long> shape = graph.Shape(node.Inputs[0]);
        long[] pads = Integers(graph, node, 1, "pads") ?? [];
        bool isZero = (graph.OptionalConstant(node, 2)?.ToDoubles()[0] ?? node.Attributes.GetValueOrDefault("value") as float? ?? 0) == 0;
        bool isConstant = node.Attributes.GetValueOrDefault("mode") is null or "constant";
        if (pads.Length != 2 * shape.Count || pads.Any(pad => pad < 0) || !isZero || !isConstant)
        {
            throw GraphReading.Refuse(node, "padding with other things than zeros, of some axes only, or of negative size has no rule in this version", "Pad with zeros.");
        }

        int[] strides = Strides(shape);
        Add(graph, node, 0, 0, [.. shape.Select((size, axis) => new IndexAxis((int)(size + pads[axis] + pads[axis + shape.Count]), strides[axis], (int)pads[axis], (int)size))]);
    }

    public static void Concat(GraphReading graph, OnnxNode node)
    {
        IReadOnlyList<long> shape = graph.Shape(node.Outputs[0]);
        int axis = Axis(node.Attributes.GetValueOrDefault("axis") as long? ?? 1, shape.Count), inner = (int)Product(shape.Skip(axis + 1));
        IReadOnlyList<string> variables = graph.Variables(node);
        if (variables.Count == node.Inputs.Count)
        {
            int[] sizes = [.. node.Inputs.Select(input => (int)graph.Shape(input)[axis] * inner)];
            graph.Add(node, new ConcatLayer(GraphReading.NameOf(node), [.. node.Inputs.Select(graph.Layer)], (int)Product(shape.Take(axis)), sizes));
            return;
        }

        if (variables.Count != 1)
        {
            throw GraphReading.Refuse(node, "several results beside constants have no rule in this version", "Join the constants to one of the results.");
        }

        // One result among constants, such as tokens behind a class token: zeros around the result, plus the constants.
        int before = 0;
        var shift = new float[graph.Count(node.Outputs[0])];
        var axes = new List<IndexAxis>();
        int start = 0, row = (int)shape[axis] * inner;
        for (int i = 0; i < node.Inputs.Count; i++)
        {
            int size = (int)(graph.IsConstant(node.Inputs[i]) ? graph.Constant(node, i).Shape[axis] : graph.Shape(node.Inputs[i])[axis]);
            if (node.Inputs[i] == variables[0])
            {
                before = start;
                int[] strides = Strides(graph.Shape(variables[0]));
                axes.AddRange(shape.Select((total, k) => k == axis ? new IndexAxis((int)total, strides[k], before, size) : new IndexAxis((int)total, strides[k])));
            }
            else
            {
                float[] values = graph.Constant(node, i).ToFloats();
                for (int k = 0; k < values.Length; k++)
                {
                    shift[(k / (size * inner) * row) + (start * inner) + (k % (size * inner))] = values[k];
                }
            }

            start += size;
        }

        int padded = graph.Append(new IndexLayer(GraphReading.NameOf(node), graph.Layer(variables[0]), "Pad", new IndexMap(graph.Count(variables[0]), 0, axes)));
        graph.Add(node, new ShiftLayer(GraphReading.NameOf(node) + ":constants", padded, shift.Length) { Shift = shift });
    }

    /// <summary>The layer that gives an operand in the shape of the result, repeated along axes where it has one element.</summary>
    public static int Broadcast(GraphReading graph, OnnxNode node, string value)
    {
        IReadOnlyList<long> shape = graph.Shape(node.Outputs[0]), own = graph.Shape(value);
        if (own.SequenceEqual(shape))
        {
            return graph.Layer(value);
        }

        int[] strides = Strides(own);
        int missing = shape.Count - own.Count;
        IndexAxis[] axes = [.. shape.Select((size, axis) => new IndexAxis((int)size, axis < missing || own[axis - missing] == 1 ? 0 : strides[axis - missing]))];
        return graph.Append(new IndexLayer($"{GraphReading.NameOf(node)}:{value}", graph.Layer(value), "Expand", new IndexMap(graph.Count(value), 0, axes)));
    }

    /// <summary>A constant repeated to a shape; null if it does not fit.</summary>
    public static float[]? Broadcast(OnnxTensor constant, IReadOnlyList<long> shape)
    {
        int missing = shape.Count - constant.Rank;
        if (!constant.IsFloating || missing < 0 || constant.Shape.Where((size, axis) => size != 1 && size != shape[axis + missing]).Any())
        {
            return null;
        }

        int[] strides = Strides(constant.Shape);
        var map = new IndexMap(constant.Count, 0, [.. shape.Select((size, axis) => new IndexAxis((int)size, axis < missing || constant.Shape[axis - missing] == 1 ? 0 : strides[axis - missing]))]);
        float[] values = constant.ToFloats();
        return Array.ConvertAll(map.Places(), place => values[place]);
    }

    public static int Axis(long axis, int rank) => checked((int)(axis < 0 ? axis + rank : axis));

    public static long Product(IEnumerable<long> sizes) => sizes.Aggregate(1L, (product, size) => checked(product * size));

    private static void Add(GraphReading graph, OnnxNode node, int output, int offset, IReadOnlyList<IndexAxis> axes)
    {
        try
        {
            graph.Add(node, new IndexLayer(GraphReading.NameOf(node) + (output == 0 ? "" : $":{output}"), graph.Input(node), node.Operator, new IndexMap(graph.Count(node.Inputs[0]), offset, axes)), output);
        }
        catch (ArgumentException e)
        {
            throw new DataFormatException($"{node.DisplayName}: {e.Message}", Remedy, inner: e);
        }
    }

    private static IndexAxis[] Whole(IReadOnlyList<long> shape)
    {
        int[] strides = Strides(shape);
        return [.. shape.Select((size, axis) => new IndexAxis((int)size, strides[axis]))];
    }

    public static int[] Strides(IReadOnlyList<long> shape)
    {
        var strides = new int[shape.Count];
        int stride = 1;
        for (int axis = shape.Count - 1; axis >= 0; axis--)
        {
            strides[axis] = stride;
            stride = checked(stride * (int)shape[axis]);
        }

        return strides;
    }

    private static long Counted(long place, long size) => place < 0 ? place + size : place;

    private static long[]? Integers(GraphReading graph, OnnxNode node, int operand, string attribute) =>
        graph.OptionalConstant(node, operand)?.Integers.ToArray() ?? node.Attributes.GetValueOrDefault(attribute) as long[];
}
