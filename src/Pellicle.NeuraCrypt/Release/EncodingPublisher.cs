using System.Runtime.InteropServices;
using Pellicle.Core.Random;
using Pellicle.NeuraCrypt.Encoders;
using Pellicle.NeuraCrypt.Keys;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Release;

/// <summary>Encodings as they are published: encoded, shuffled, in the number format of the release.</summary>
internal sealed class EncodingPublisher(IRowEncoder encoder, EncoderArchitecture architecture, ShuffleMode shuffle, EncodingType type, SecretBytes shuffleKey, ISecureRandom random)
{
    public EncoderArchitecture Architecture => architecture;

    /// <summary>One factor for each of the hidden numbers; of int8 releases only.</summary>
    public float[]? Scale { get; set; }

    /// <summary>Bytes of one image.</summary>
    public long BytesPerImage => (long)Architecture.Patches * Architecture.HiddenDim * (type switch { EncodingType.F32 => 4, EncodingType.Int8 => 1, _ => 2 });

    /// <summary>Encodes and shuffles: [B, P, hidden], float32, of the caller's scope.</summary>
    public Tensor Encode(Tensor images, IReadOnlyList<string> ids)
    {
        using GradientMode off = GradientMode.Off();
        using TensorScope scope = TensorScope.Open();
        Tensor encodings = encoder.Encode(images);
        return scope.Keep(shuffle switch
        {
            ShuffleMode.None => encodings,
            ShuffleMode.Keyed => RowShuffle.Apply(encodings, i => PatchShuffle.Keyed(Architecture.Patches, shuffleKey, ids[i])),
            _ => RowShuffle.Apply(encodings, _ => PatchShuffle.Draw(Architecture.Patches, random)),
        });
    }

    /// <summary>Little-endian bytes of one image in the number format of the release.</summary>
    public byte[] Bytes(Tensor encoding) => type switch
    {
        EncodingType.F32 => MemoryMarshal.AsBytes<float>(encoding.ToArray<float>()).ToArray(),
        EncodingType.F16 => MemoryMarshal.AsBytes<Half>(Array.ConvertAll(encoding.ToArray<float>(), value => (Half)value)).ToArray(),
        EncodingType.Int8 => MemoryMarshal.AsBytes<sbyte>(Quantised(encoding.ToArray<float>(), Scale!)).ToArray(),
        _ => MemoryMarshal.AsBytes<ushort>(encoding.To(DType.BFloat16).ToArray<ushort>()).ToArray(),
    };

    /// <summary>The nearest multiples of the scale, cut off at ±127.</summary>
    internal static sbyte[] Quantised(float[] values, float[] scale)
    {
        var result = new sbyte[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            result[i] = (sbyte)Math.Clamp(MathF.Round(values[i] / scale[i % scale.Length]), -sbyte.MaxValue, sbyte.MaxValue);
        }

        return result;
    }
}
