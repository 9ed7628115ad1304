using Pellicle.Core.Errors;
using Pellicle.Formats.Onnx.Execution;
using Pellicle.Formats.Onnx.Operators;

namespace Pellicle.Formats.Onnx.Passes;

/// <summary>The sliding window of a convolution or pool over the spatial axes of [N, C, spatial...], with automatic padding and the rounding of sizes resolved.</summary>
public sealed record OnnxWindow
{
    /// <summary>Size along each axis.</summary>
    public required IReadOnlyList<long> Kernel { get; init; }

    /// <summary>Step along each axis.</summary>
    public required IReadOnlyList<long> Strides { get; init; }

    /// <summary>Distance of neighbouring positions of the window.</summary>
    public required IReadOnlyList<long> Dilations { get; init; }

    /// <summary>Padding before each axis.</summary>
    public required IReadOnlyList<long> Before { get; init; }

    /// <summary>Padding after each axis.</summary>
    public required IReadOnlyList<long> After { get; init; }

    /// <summary>Number of windows along each axis.</summary>
    public required IReadOnlyList<long> Output { get; init; }

    /// <summary>For each position of the window, and in it for each window, the place in a plane of the input; −1 in the padding.</summary>
    public required IReadOnlyList<int[]> Places { get; init; }

    /// <summary>Reads a node.</summary>
    /// <param name="node">A convolution or pool.</param>
    /// <param name="opset">Version of its operator set.</param>
    /// <param name="shape">Shape of its first operand.</param>
    /// <param name="kernel">Size of the window; null takes <c>kernel_shape</c>.</param>
    /// <exception cref="DataFormatException">The attributes do not fit the operand.</exception>
    public static OnnxWindow Of(OnnxNode node, int opset, IReadOnlyList<long> shape, IReadOnlyList<long>? kernel = null)
    {
        ArgumentNullException.ThrowIfNull(node);
        ArgumentNullException.ThrowIfNull(shape);
        try
        {
            var call = new NodeCall(node, opset, []);
            long[] size = kernel is null ? call.Integers("kernel_shape") ?? throw new OperandException("attribute 'kernel_shape' is missing") : [.. kernel];
            Windows windows = Windows.Of(call, [.. shape], size);
            return new OnnxWindow
            {
                Kernel = size,
                Strides = call.Integers("strides") ?? Ones(size.Length),
                Dilations = call.Integers("dilations") ?? Ones(size.Length),
                Before = windows.Before,
                After = windows.After,
                Output = windows.Output,
                Places = [.. windows.Places().Chunk(windows.Count)],
            };
        }
        catch (OperandException e)
        {
            throw new DataFormatException($"{node.DisplayName}: {e.Message}.", "Check the model; export it again for one fixed input size.", inner: e);
        }
    }

    private static long[] Ones(int count) => [.. Enumerable.Repeat(1L, count)];
}
