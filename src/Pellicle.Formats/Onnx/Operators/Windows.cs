using Pellicle.Formats.Onnx.Execution;

namespace Pellicle.Formats.Onnx.Operators;

/// <summary>Sliding windows over the spatial axes of [N, C, spatial...]: attributes read once for convolutions and pools alike.</summary>
internal sealed class Windows
{
    private readonly long[] _input;
    private readonly long[] _kernel;
    private readonly long[] _strides;
    private readonly long[] _dilations;

    private Windows(long[] input, long[] kernel, long[] strides, long[] dilations)
    {
        _input = input;
        _kernel = kernel;
        _strides = strides;
        _dilations = dilations;
        Before = new long[input.Length];
        After = new long[input.Length];
        Output = new long[input.Length];
    }

    /// <summary>Padding before each axis.</summary>
    public long[] Before { get; }

    /// <summary>Padding after each axis.</summary>
    public long[] After { get; }

    /// <summary>Number of windows along each axis.</summary>
    public long[] Output { get; }

    /// <summary>Number of windows.</summary>
    public int Count => (int)OnnxShape.Product(Output);

    /// <summary>Number of positions in a window.</summary>
    public int Taps => (int)OnnxShape.Product(_kernel);

    /// <summary>Number of positions in a plane of the input.</summary>
    public int Plane => (int)OnnxShape.Product(_input);

    /// <summary>Reads the attributes of a convolution or pool.</summary>
    /// <param name="call">The node.</param>
    /// <param name="shape">[N, C, spatial...].</param>
    /// <param name="kernel">Size of the window.</param>
    public static Windows Of(NodeCall call, long[] shape, long[] kernel)
    {
        long[] input = shape.Length >= 3 ? shape[2..] : throw new OperandException($"the operand has shape {OnnxShape.Text(shape)}; expected [N, C, ...] with at least one more axis");
        var windows = new Windows(input, Positive(kernel, input.Length), Positive(call.Integers("strides"), input.Length), Positive(call.Integers("dilations"), input.Length));
        windows.Place(call);
        return windows;
    }

    /// <summary>For each position k of the window and each window p, the place in a plane of the input at [k · <see cref="Count"/> + p]; −1 in the padding.</summary>
    public int[] Places()
    {
        NodeCall.Shape(Taps, Count);
        var places = new int[Taps * Count];
        long[] planes = OnnxShape.Strides(_input);
        var tap = new long[_kernel.Length];
        for (int k = 0; k < Taps; k++)
        {
            var window = new long[_kernel.Length];
            for (int p = 0; p < Count; p++)
            {
                long place = 0;
                for (int d = 0; d < tap.Length && place >= 0; d++)
                {
                    long at = (window[d] * _strides[d]) + (tap[d] * _dilations[d]) - Before[d];
                    place = at >= 0 && at < _input[d] ? place + (at * planes[d]) : -1;
                }

                places[(k * Count) + p] = (int)place;
                Advance(window, Output);
            }

            Advance(tap, _kernel);
        }

        return places;
    }

    /// <summary>For each window, how many of its positions lie in the input or its padding: the divisor of an average that counts the padding.</summary>
    public int[] PaddedCounts()
    {
        var counts = new int[Count];
        var window = new long[_kernel.Length];
        for (int p = 0; p < counts.Length; p++)
        {
            long count = 1;
            for (int d = 0; d < window.Length; d++)
            {
                long room = _input[d] + After[d] + Before[d] - (window[d] * _strides[d]);
                count *= Math.Min(_kernel[d], ((room - 1) / _dilations[d]) + 1);
            }

            counts[p] = (int)count;
            Advance(window, Output);
        }

        return counts;
    }

    private static void Advance(long[] index, long[] shape)
    {
        for (int d = shape.Length - 1; d >= 0; d--)
        {
            if (++index[d] < shape[d])
            {
                return;
            }

            index[d] = 0;
        }
    }

    private static long[] Positive(long[]? values, int rank)
    {
        long[] all = values ?? [.. Enumerable.Repeat(1L, rank)];
        return all.Length == rank && Array.TrueForAll(all, value => value is > 0 and < 1 << 24) ? all
            : throw new OperandException($"kernel, strides or dilations are {OnnxShape.Text(all)}; expected {rank} positive numbers");
    }

    private void Place(NodeCall call)
    {
        string auto = call.Text("auto_pad", "NOTSET");
        bool isCeil = call.Integer("ceil_mode", 0) != 0;
        long[] pads = call.Integers("pads") ?? new long[2 * _input.Length];
        if (pads.Length != 2 * _input.Length || Array.Exists(pads, pad => Math.Abs(pad) > 1 << 24))
        {
            throw new OperandException($"pads are {OnnxShape.Text(pads)}; expected {2 * _input.Length} numbers");
        }

        for (int d = 0; d < _input.Length; d++)
        {
            long reach = ((_kernel[d] - 1) * _dilations[d]) + 1;
            if (auto is "SAME_UPPER" or "SAME_LOWER")
            {
                Output[d] = (_input[d] + _strides[d] - 1) / _strides[d];
                long total = Math.Max(0, ((Output[d] - 1) * _strides[d]) + reach - _input[d]);
                Before[d] = auto == "SAME_UPPER" ? total / 2 : total - (total / 2);
                After[d] = total - Before[d];
            }
            else
            {
                Before[d] = auto == "VALID" ? 0 : pads[d];
                After[d] = auto == "VALID" ? 0 : pads[d + _input.Length];
                long room = _input[d] + Before[d] + After[d] - reach;
                Output[d] = room < 0 ? 0 : (isCeil ? (room + _strides[d] - 1) / _strides[d] : room / _strides[d]) + 1;

                // A last window that would start in the padding behind the input is left out.
                if (isCeil && (Output[d] - 1) * _strides[d] >= _input[d] + Before[d])
                {
                    Output[d]--;
                }
            }

            if (Output[d] < 1)
            {
                throw new OperandException($"a window of {reach} does not fit into {_input[d]} positions with padding {Before[d]} and {After[d]}");
            }
        }
    }
}
