using Pellicle.Formats.Onnx.Execution;

namespace Pellicle.Formats.Onnx.Operators;

/// <summary>Operators that pick elements axis by axis: Slice, Gather, Pad, and Where.</summary>
internal static class Selection
{
    /// <summary>Places of elements whose source index along each axis depends on that axis alone.</summary>
    /// <param name="from">Shape of the source.</param>
    /// <param name="to">Shape of the result, same rank.</param>
    /// <param name="source">For axis d and index i of the result, the index in the source, or −1 for none.</param>
    public static int[] Places(long[] from, long[] to, Func<int, long, long> source)
    {
        long[] strides = OnnxShape.Strides(from);
        int[] places = [0];
        for (int d = 0; d < to.Length; d++)
        {
            long[] along = [.. Enumerable.Range(0, (int)to[d]).Select(i => source(d, i))];
            var next = new int[places.Length * along.Length];
            for (int i = 0; i < places.Length; i++)
            {
                for (int k = 0; k < along.Length; k++)
                {
                    next[(i * along.Length) + k] = places[i] < 0 || along[k] < 0 ? -1 : (int)(places[i] + (along[k] * strides[d]));
                }
            }

            places = next;
        }

        return places;
    }

    public static OnnxTensor[] Slice(NodeCall call)
    {
        OnnxTensor x = call.Operand(0);
        long[] starts = call.IntegersFrom("starts", 1) ?? throw new OperandException("the starts are missing");
        long[] ends = call.IntegersFrom("ends", 2) ?? throw new OperandException("the ends are missing");
        long[] axes = call.IntegersFrom("axes", 3) ?? [.. Enumerable.Range(0, starts.Length).Select(d => (long)d)];
        long[] steps = call.Optional(4) is { } given ? NodeCall.IntegersOf(given) : [.. Enumerable.Repeat(1L, starts.Length)];
        long[] shape = [.. x.Dimensions];
        var first = new long[x.Rank];
        long[] step = [.. Enumerable.Repeat(1L, x.Rank)];
        for (int i = 0; i < starts.Length; i++)
        {
            int d = NodeCall.Axis(axes[i], x.Rank);
            long size = x.Dimensions[d];
            step[d] = steps[i] != 0 && steps[i] != long.MinValue ? steps[i] : throw new OperandException("a step is 0");
            bool isForward = step[d] > 0;
            first[d] = Math.Clamp(FromEnd(starts[i], size), 0, isForward ? size : size - 1);
            long end = Math.Clamp(FromEnd(ends[i], size), isForward ? 0 : -1, isForward ? size : size - 1);
            long span = isForward ? end - first[d] : first[d] - end;
            shape[d] = size == 0 || span <= 0 ? 0 : ((span - 1) / Math.Abs(step[d])) + 1;
        }

        return [x.Pick(shape, Places(x.Dimensions, shape, (d, i) => first[d] + (i * step[d])))];
    }

    public static OnnxTensor[] Gather(NodeCall call)
    {
        OnnxTensor x = call.Operand(0);
        OnnxTensor indices = call.Operand(1);
        int axis = NodeCall.Axis(call.Integer("axis", 0), x.Rank);
        long size = x.Dimensions[axis];
        long[] picked = Array.ConvertAll(NodeCall.IntegersOf(indices), index => index >= -size && index < size
            ? FromEnd(index, size)
            : throw new OperandException($"index {index} lies outside axis {axis} of {x}"));
        long[] flat = NodeCall.Shape([.. x.Dimensions.Select((all, d) => d == axis ? picked.Length : all)]);
        long[] shape = [.. x.Dimensions[..axis], .. indices.Dimensions, .. x.Dimensions[(axis + 1)..]];
        return [x.Pick(flat, Places(x.Dimensions, flat, (d, i) => d == axis ? picked[i] : i)).Reshape(shape)];
    }

    // Pads are an attribute before version 11, then an operand; axes come in version 18, wrap in 19. Negative pads cut.
    public static OnnxTensor[] Pad(NodeCall call)
    {
        OnnxTensor x = call.Operand(0);
        long[] pads = call.IntegersFrom("pads", 1) ?? throw new OperandException("the pads are missing");
        long[] axes = call.Optional(3) is { } given ? NodeCall.IntegersOf(given) : [.. Enumerable.Range(0, x.Rank).Select(d => (long)d)];
        if (pads.Length != 2 * axes.Length || Array.Exists(pads, pad => Math.Abs(pad) > int.MaxValue))
        {
            throw new OperandException($"pads are {OnnxShape.Text(pads)}; expected {2 * axes.Length} numbers");
        }

        string mode = call.Text("mode", "constant");
        var before = new long[x.Rank];
        long[] first = [.. x.Dimensions.Select(_ => 0L)];
        long[] kept = [.. x.Dimensions];
        long[] shape = [.. x.Dimensions];
        for (int i = 0; i < axes.Length; i++)
        {
            int d = NodeCall.Axis(axes[i], x.Rank);
            long head = pads[i];
            long tail = pads[i + axes.Length];
            shape[d] += head + tail;
            before[d] = Math.Max(0, head);
            first[d] = Math.Max(0, -head);
            kept[d] -= first[d] + Math.Max(0, -tail);
            if (kept[d] < 0 || (kept[d] == 0 && shape[d] > 0 && mode != "constant"))
            {
                throw new OperandException($"pads {OnnxShape.Text(pads)} leave nothing of axis {d} of {x}");
            }
        }

        OnnxTensor? fill = call.Optional(2) ?? (call.Has("value") ? NodeCall.Result(x.Type, [], [call.Real("value", 0)]) : null);
        return [x.Pick(shape, Places(x.Dimensions, NodeCall.Shape(shape), (d, i) => Padded(mode, i - before[d], kept[d]) is >= 0 and var at ? first[d] + at : -1), fill)];
    }

    public static OnnxTensor[] Where(NodeCall call)
    {
        OnnxTensor condition = call.Operand(0);
        OnnxTensor x = call.Operand(1);
        OnnxTensor y = call.Operand(2);
        long[] shape = OnnxShape.Broadcast(x.Dimensions, y.Dimensions) is { } both && OnnxShape.Broadcast(condition.Dimensions, both) is { } all && x.Type == y.Type
            ? NodeCall.Shape(all)
            : throw new OperandException($"the operands are {condition}, {x} and {y}, which do not fit");
        int[] ofX = OnnxShape.BroadcastPlaces(x.Dimensions, shape);
        int[] ofY = OnnxShape.BroadcastPlaces(y.Dimensions, shape);
        int[] ofCondition = OnnxShape.BroadcastPlaces(condition.Dimensions, shape);
        long[] isX = NodeCall.IntegersOf(condition);
        int[] source = new int[ofX.Length];
        for (int i = 0; i < source.Length; i++)
        {
            source[i] = isX[ofCondition[i]] != 0 ? ofX[i] : x.Count + ofY[i];
        }

        return [OnnxTensor.Chain([x, y]).Pick(shape, source)];
    }

    private static long FromEnd(long index, long size) => index < 0 ? index + size : index;

    private static long Padded(string mode, long at, long size) => at >= 0 && at < size ? at : mode switch
    {
        "constant" => -1,
        "edge" => Math.Clamp(at, 0, size - 1),
        "wrap" => ((at % size) + size) % size,
        "reflect" => Reflected(at, size),
        _ => throw new OperandException($"mode is '{mode}'; expected constant, edge, reflect or wrap"),
    };

    private static long Reflected(long at, long size)
    {
        long period = Math.Max(1, 2 * (size - 1));
        long within = ((at % period) + period) % period;
        return within < size ? within : period - within;
    }
}
