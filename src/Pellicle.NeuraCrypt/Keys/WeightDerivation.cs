using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Pellicle.NeuraCrypt.Encoders;

namespace Pellicle.NeuraCrypt.Keys;

/// <summary>From a seed of 32 bytes to the weights of an encoder, the same bits on every machine.</summary>
/// <remarks>HKDF-SHA-256 (RFC 5869, no salt) with the info "encoder/v1|keyId|tensorName" gives a ChaCha20 key for each tensor. A uniform is
/// k·2⁻²⁴ with k the upper 24 bits of a little-endian word, mapped to (2u − 1)/√fanIn with one rounding; normals are <see cref="ExactNormal"/>.</remarks>
internal static class WeightDerivation
{
    /// <summary>Name of the method in key files.</summary>
    internal const string Name = "hkdf-sha256/chacha20/v1";

    /// <summary>Bytes of a seed.</summary>
    internal const int SeedBytes = 32;

    /// <summary>Derives all weights.</summary>
    internal static EncoderWeights Derive(ReadOnlySpan<byte> seed, string keyId, EncoderArchitecture architecture)
    {
        var values = new Dictionary<string, float[]>();
        foreach (EncoderTensor tensor in architecture.Tensors())
        {
            values[tensor.Name] = Derive(seed, keyId, tensor);
        }

        return new EncoderWeights(architecture, values);
    }

    /// <summary>Derives one tensor.</summary>
    internal static float[] Derive(ReadOnlySpan<byte> seed, string keyId, EncoderTensor tensor)
    {
        float[] values = GC.AllocateUninitializedArray<float>(tensor.Count);
        switch (tensor.Distribution)
        {
            case EncoderDistribution.Uniform:
                Uniforms(seed, Info(keyId, tensor.Name), (float)(1 / Math.Sqrt(tensor.FanIn)), values);
                break;
            case EncoderDistribution.Normal:
                Normals(seed, Info(keyId, tensor.Name), values);
                break;
            default:
                values.AsSpan().Fill(tensor.Distribution == EncoderDistribution.One ? 1f : 0f);
                break;
        }

        return values;
    }

    /// <summary>A key for another purpose, such as the sealed map of a release.</summary>
    /// <param name="seed">32 bytes.</param>
    /// <param name="info">Names the purpose; distinct for each.</param>
    internal static SecretBytes Subkey(ReadOnlySpan<byte> seed, string info)
    {
        var key = new SecretBytes(32);
        HKDF.DeriveKey(HashAlgorithmName.SHA256, seed, key.Span, [], Encoding.UTF8.GetBytes(info));
        return key;
    }

    private static string Info(string keyId, string tensor) => $"encoder/v1|{keyId}|{tensor}";

    private static void Uniforms(ReadOnlySpan<byte> seed, string info, float bound, Span<float> values)
    {
        using SecretBytes key = Subkey(seed, info);
        using var stream = new SecretBytes(checked(values.Length * 4));
        ChaCha20.Fill(key.Span, stream.Span);
        ReadOnlySpan<uint> words = MemoryMarshal.Cast<byte, uint>(stream.Span); // little-endian, as every platform of this project is
        for (int i = 0; i < values.Length; i++)
        {
            // k·2⁻²³ − 1 is exact in single precision: a 24-bit integer minus 2²³, scaled by a power of two.
            values[i] = (((int)(words[i] >> 8) - (1 << 23)) * (1f / (1 << 23))) * bound;
        }
    }

    private static void Normals(ReadOnlySpan<byte> seed, string info, Span<float> values)
    {
        using SecretBytes key = Subkey(seed, info);
        int pairs = (values.Length + 1) / 2;
        using var stream = new SecretBytes(checked(pairs * 16));
        ChaCha20.Fill(key.Span, stream.Span);
        for (int i = 0; i < pairs; i++)
        {
            ReadOnlySpan<byte> bits = stream.Span.Slice(16 * i, 16);
            (float cosine, float sine) = ExactNormal.Pair(BinaryPrimitives.ReadUInt64LittleEndian(bits), BinaryPrimitives.ReadUInt64LittleEndian(bits[8..]));
            values[2 * i] = cosine;
            if ((2 * i) + 1 < values.Length)
            {
                values[(2 * i) + 1] = sine;
            }
        }
    }
}
