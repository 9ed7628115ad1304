using Pellicle.Formats.Onnx.Execution;

namespace Pellicle.Formats.Onnx.Operators;

/// <summary>Where a transposed convolution puts its products: attributes and output size as in the text of ConvTranspose.</summary>
internal sealed class TransposedGeometry
{
    private readonly long[] _input;
    private readonly long[] _kernel;
    private readonly long[] _strides;
    private readonly long[] _dilations;
    private readonly long[] _before;

    private TransposedGeometry(NodeCall call, long[] input, long[] kernel)
    {
        _input = input;
        _kernel = kernel;
        _strides = Positive(call, "strides");
        _dilations = Positive(call, "dilations");
        _before = new long[input.Length];
        Output = new long[input.Length];
    }

    /// <summary>Spatial sizes of the result.</summary>
    public long[] Output { get; }

    /// <summary>Reads the attributes.</summary>
    public static TransposedGeometry Of(NodeCall call, long[] input, long[] kernel)
    {
        var geometry = new TransposedGeometry(call, input, kernel);
        string auto = call.Text("auto_pad", "NOTSET");
        long[] extra = Sized(call.Integers("output_padding"), input.Length) ?? new long[input.Length];
        long[] pads = Sized(call.Integers("pads"), 2 * input.Length) ?? new long[2 * input.Length];
        long[]? wanted = call.Integers("output_shape") is { } asked ? Sized(asked[^Math.Min(asked.Length, input.Length)..], input.Length) : null;
        for (int d = 0; d < input.Length; d++)
        {
            long full = (geometry._strides[d] * (input[d] - 1)) + extra[d] + ((kernel[d] - 1) * geometry._dilations[d]) + 1;
            if (wanted is null && auto is not ("SAME_UPPER" or "SAME_LOWER"))
            {
                geometry._before[d] = auto == "VALID" ? 0 : pads[d];
                geometry.Output[d] = full - (auto == "VALID" ? 0 : pads[d] + pads[d + input.Length]);
            }
            else
            {
                geometry.Output[d] = wanted?[d] ?? input[d] * geometry._strides[d];
                long total = Math.Max(0, full - geometry.Output[d]);
                geometry._before[d] = auto == "SAME_UPPER" ? total / 2 : total - (total / 2);
            }

            if (geometry.Output[d] < 1)
            {
                throw new OperandException($"the result would have size {geometry.Output[d]} along spatial axis {d}");
            }
        }

        NodeCall.Shape(geometry.Output);
        return geometry;
    }

    /// <summary>For each position k of the kernel and each input position p, the place in a plane of the result at [k · plane + p]; −1 outside.</summary>
    public int[] Places()
    {
        long[] strides = OnnxShape.Strides(Output);
        int taps = (int)OnnxShape.Product(_kernel);
        int plane = (int)OnnxShape.Product(_input);
        NodeCall.Shape(taps, plane);
        long[] kernelStrides = OnnxShape.Strides(_kernel);
        long[] inputStrides = OnnxShape.Strides(_input);
        var places = new int[taps * plane];
        for (int i = 0; i < places.Length; i++)
        {
            long place = 0;
            for (int d = 0; d < _input.Length && place >= 0; d++)
            {
                long tap = i / plane / kernelStrides[d] % _kernel[d];
                long from = i % plane / inputStrides[d] % _input[d];
                long at = (from * _strides[d]) + (tap * _dilations[d]) - _before[d];
                place = at >= 0 && at < Output[d] ? place + (at * strides[d]) : -1;
            }

            places[i] = (int)place;
        }

        return places;
    }

    private static long[]? Sized(long[]? values, int length) =>
        values is null || (values.Length == length && Array.TrueForAll(values, value => Math.Abs(value) < 1 << 24)) ? values
        : throw new OperandException($"a list of {OnnxShape.Text(values)} was given where {length} numbers were expected");

    private long[] Positive(NodeCall call, string attribute)
    {
        long[] values = Sized(call.Integers(attribute), _input.Length) ?? [.. Enumerable.Repeat(1L, _input.Length)];
        return Array.TrueForAll(values, value => value > 0) ? values : throw new OperandException($"{attribute} are {OnnxShape.Text(values)}; expected positive numbers");
    }
}
