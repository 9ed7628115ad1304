using Pellicle.Formats.Onnx.Execution;

namespace Pellicle.Formats.Onnx.Operators;

/// <summary>Operators that reshape, permute, join and divide: no arithmetic, only places of elements.</summary>
internal static class Shaping
{
    // 0 copies a size of the operand, unless allowzero (version 14); -1 takes what is left.
    public static OnnxTensor[] Reshape(NodeCall call)
    {
        OnnxTensor x = call.Operand(0);
        long[] shape = call.IntegersFrom("shape", 1) ?? throw new OperandException("the new shape is missing");
        shape = [.. shape.Select((size, d) => size == 0 && call.Integer("allowzero", 0) == 0 ? x.Dimensions[d] : size)];
        int free = Array.IndexOf(shape, -1);
        if (free >= 0)
        {
            shape[free] = 1;
            long rest = OnnxShape.Count(shape);
            shape[free] = rest > 0 && x.Count % rest == 0 ? x.Count / rest : rest == 0 && x.Count == 0 ? 0
                : throw new OperandException($"{x} cannot be reshaped to {OnnxShape.Text(shape)} with axis {free} free");
        }

        return [x.Reshape(shape)];
    }

    public static OnnxTensor[] Flatten(NodeCall call)
    {
        OnnxTensor x = call.Operand(0);
        long asked = call.Integer("axis", 1);
        int axis = asked == x.Rank ? x.Rank : NodeCall.Axis(asked, Math.Max(1, x.Rank));
        return [x.Reshape(OnnxShape.Product(x.Dimensions.AsSpan(0, axis)), OnnxShape.Product(x.Dimensions.AsSpan(axis)))];
    }

    public static OnnxTensor[] Transpose(NodeCall call)
    {
        OnnxTensor x = call.Operand(0);
        long[] order = call.Integers("perm") ?? [.. Enumerable.Range(0, x.Rank).Reverse().Select(d => (long)d)];
        return order.Length == x.Rank && order.Order().SequenceEqual(Enumerable.Range(0, x.Rank).Select(d => (long)d))
            ? [Permute(x, [.. order.Select(d => (int)d)])]
            : throw new OperandException($"perm is {OnnxShape.Text(order)}; expected each of {x.Rank} axes once");
    }

    /// <summary>Reorders the axes: axis d of the result is axis order[d] of the operand.</summary>
    public static OnnxTensor Permute(OnnxTensor x, int[] order)
    {
        long[] strides = OnnxShape.Strides(x.Dimensions);
        long[] shape = [.. order.Select(d => x.Dimensions[d])];
        return x.Pick(shape, OnnxShape.Places(shape, [.. order.Select(d => strides[d])], 0));
    }

    public static OnnxTensor[] Squeeze(NodeCall call)
    {
        OnnxTensor x = call.Operand(0);
        int[]? axes = call.IntegersFrom("axes", 1)?.Select(axis => NodeCall.Axis(axis, x.Rank)).ToArray();
        return axes is not null && Array.Exists(axes, d => x.Dimensions[d] != 1)
            ? throw new OperandException($"{x} has an axis among {string.Join(", ", axes)} that is not of size 1")
            : [x.Reshape([.. x.Dimensions.Where((size, d) => axes is null ? size != 1 : !axes.Contains(d))])];
    }

    public static OnnxTensor[] Unsqueeze(NodeCall call)
    {
        OnnxTensor x = call.Operand(0);
        long[] asked = call.IntegersFrom("axes", 1) ?? throw new OperandException("the axes are missing");
        HashSet<int> axes = [.. asked.Select(axis => NodeCall.Axis(axis, x.Rank + asked.Length))];
        var sizes = new Queue<long>(x.Dimensions);
        return axes.Count != asked.Length
            ? throw new OperandException($"the axes {OnnxShape.Text(asked)} name one axis twice")
            : [x.Reshape([.. Enumerable.Range(0, x.Rank + asked.Length).Select(d => axes.Contains(d) ? 1 : sizes.Dequeue())])];
    }

    public static OnnxTensor[] Expand(NodeCall call)
    {
        OnnxTensor x = call.Operand(0);
        long[] shape = NodeCall.Shape(OnnxShape.Broadcast(x.Dimensions, NodeCall.IntegersOf(call.Operand(1))) ?? throw new OperandException($"{x} cannot be expanded to the shape asked for"));
        return [x.Pick(shape, OnnxShape.BroadcastPlaces(x.Dimensions, shape))];
    }

    public static OnnxTensor[] Tile(NodeCall call)
    {
        OnnxTensor x = call.Operand(0);
        long[] repeats = NodeCall.IntegersOf(call.Operand(1));
        long[] shape = NodeCall.Shape([.. x.Dimensions.Select((size, d) => checked(size * repeats[d]))]);
        return [x.Pick(shape, Selection.Places(x.Dimensions, shape, (d, i) => i % x.Dimensions[d]))];
    }

    public static OnnxTensor[] Concatenate(NodeCall call)
    {
        OnnxTensor[] parts = [.. call.Operands];
        OnnxTensor first = call.Operand(0);
        int axis = NodeCall.Axis(call.Integer("axis"), first.Rank);
        if (Array.Exists(parts, part => part.Type != first.Type || part.Rank != first.Rank || part.Dimensions.Where((size, d) => d != axis && size != first.Dimensions[d]).Any()))
        {
            throw new OperandException($"the operands {string.Join(", ", parts.Select(part => part.ToString()))} cannot be joined along axis {axis}");
        }

        // Chained one after the other, every element lies where its part begins plus its place in the part.
        long[] shape = NodeCall.Shape([.. first.Dimensions.Select((size, d) => d == axis ? parts.Sum(part => part.Dimensions[axis]) : size)]);
        long inner = OnnxShape.Product(first.Dimensions.AsSpan(axis + 1));
        long outer = OnnxShape.Product(first.Dimensions.AsSpan(0, axis));
        var source = new int[OnnxShape.Count(shape)];
        int at = 0;
        for (long o = 0; o < outer && source.Length > 0; o++)
        {
            long begin = 0;
            foreach (OnnxTensor part in parts)
            {
                long run = part.Dimensions[axis] * inner;
                for (long i = 0; i < run; i++)
                {
                    source[at++] = (int)(begin + (o * run) + i);
                }

                begin += part.Count;
            }
        }

        return [OnnxTensor.Chain(parts).Pick(shape, source)];
    }

    // Sizes are an attribute before version 13, then an operand; num_outputs (version 18) makes the last part smaller.
    public static OnnxTensor[] Split(NodeCall call)
    {
        OnnxTensor x = call.Operand(0);
        int axis = NodeCall.Axis(call.Integer("axis", 0), x.Rank);
        long size = x.Dimensions[axis];
        long parts = call.Integer("num_outputs", call.Node.Outputs.Count);
        long each = parts < 1 ? throw new OperandException("no part is asked for") : (size + parts - 1) / parts;
        long[] sizes = call.IntegersFrom("split", 1) ?? [.. Enumerable.Range(0, (int)Math.Min(parts, 1 << 16)).Select(i => Math.Clamp(size - (i * each), 0, each))];
        if (sizes.Sum() != size || Array.Exists(sizes, part => part < 0))
        {
            throw new OperandException($"axis {axis} of {x} cannot be divided into {OnnxShape.Text(sizes)}");
        }

        var results = new List<OnnxTensor>();
        long start = 0;
        foreach (long part in sizes)
        {
            long[] shape = [.. x.Dimensions.Select((all, d) => d == axis ? part : all)];
            results.Add(x.Pick(shape, OnnxShape.Places(shape, OnnxShape.Strides(x.Dimensions), start * OnnxShape.Strides(x.Dimensions)[axis])));
            start += part;
        }

        return [.. results];
    }

    public static OnnxTensor[] DepthToSpace(NodeCall call)
    {
        OnnxTensor x = call.Operand(0);
        (long n, long c, long h, long w, long b) = Blocks(call, x);
        return call.Text("mode", "DCR") == "CRD"
            ? [Permute(x.Reshape(n, c / (b * b), b, b, h, w), [0, 1, 4, 2, 5, 3]).Reshape(n, c / (b * b), h * b, w * b)]
            : [Permute(x.Reshape(n, b, b, c / (b * b), h, w), [0, 3, 4, 1, 5, 2]).Reshape(n, c / (b * b), h * b, w * b)];
    }

    public static OnnxTensor[] SpaceToDepth(NodeCall call)
    {
        OnnxTensor x = call.Operand(0);
        (long n, long c, long h, long w, long b) = Blocks(call, x);
        return [Permute(x.Reshape(n, c, h / b, b, w / b, b), [0, 3, 5, 1, 2, 4]).Reshape(n, c * b * b, h / b, w / b)];
    }

    private static (long N, long C, long H, long W, long B) Blocks(NodeCall call, OnnxTensor x) =>
        x.Rank == 4 && call.Integer("blocksize") is > 0 and < 1 << 16
            ? (x.Dimensions[0], x.Dimensions[1], x.Dimensions[2], x.Dimensions[3], call.Integer("blocksize"))
            : throw new OperandException($"the operand is {x}; expected [N, C, H, W] and a positive blocksize");
}
