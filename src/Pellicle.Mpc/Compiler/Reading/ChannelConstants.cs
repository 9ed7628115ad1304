using Pellicle.Formats.Onnx;

namespace Pellicle.Mpc.Compiler.Reading;

/// <summary>Constants that are broadcast over an image: one number, or one a channel.</summary>
internal static class ChannelConstants
{
    /// <summary>One number a channel of [1, C, ...], or null if the constant varies over positions.</summary>
    public static float[]? Of(OnnxTensor constant, IReadOnlyList<long> shape)
    {
        if (!constant.IsFloating || shape.Count < 2)
        {
            return null;
        }

        float[] values = constant.ToFloats();
        if (values.Length == 1)
        {
            return [.. Enumerable.Repeat(values[0], (int)shape[1])];
        }

        // Shapes are aligned at their ends: the channel is as far from the end as in the image, and every other size is 1.
        int channel = constant.Rank - (shape.Count - 1);
        return channel >= 0 && constant.Shape[channel] == shape[1] && values.Length == shape[1] ? values : null;
    }
}
