using Pellicle.Native;
using Pellicle.NeuraCrypt.Encoders;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Challenges;

/// <summary>A picture as it is handed out: 8-bit at the encoder's size, so that solvers encode exactly what was encoded.</summary>
internal static class ChallengePicture
{
    /// <summary>Rounds a normalised picture to 8 bits.</summary>
    /// <param name="image">[C, S, S], normalised.</param>
    /// <param name="a">Mean and deviation.</param>
    /// <returns>The picture as PNG, and rounded [1, C, S, S], of the caller's scope.</returns>
    public static (byte[] Png, Tensor Rounded) Round(Tensor image, EncoderArchitecture a)
    {
        float[] values = image.Contiguous().ToArray<float>();
        int pixels = a.ImageSize * a.ImageSize;
        var samples = new byte[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            byte sample = (byte)Math.Clamp(Math.Round((values[i] * a.Std) + a.Mean), 0, 255);
            samples[(i % pixels * a.Channels) + (i / pixels)] = sample;
            values[i] = (float)((sample - a.Mean) / a.Std);
        }

        return (ImageCodec.EncodePng(samples, a.ImageSize, a.ImageSize, a.Channels), Tensor.From<float>(values, 1, a.Channels, a.ImageSize, a.ImageSize));
    }
}
