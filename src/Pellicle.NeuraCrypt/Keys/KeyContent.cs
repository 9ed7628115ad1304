using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Pellicle.Core.Errors;
using Pellicle.NeuraCrypt.Encoders;

namespace Pellicle.NeuraCrypt.Keys;

/// <summary>Layout of what a key file seals: seed (32 bytes), then frozen statistics, then imported weights, if any. All little-endian.</summary>
internal static class KeyContent
{
    /// <summary>Joins the parts.</summary>
    internal static SecretBytes Write(ReadOnlySpan<byte> seed, IReadOnlyList<NormStatistics>? statistics, EncoderWeights? imported)
    {
        long weights = imported is null ? 0 : imported.Count * sizeof(float);
        long statisticBytes = statistics?.Sum(s => 2L * sizeof(double) * s.Mean.Length) ?? 0;
        var content = new SecretBytes(checked((int)(WeightDerivation.SeedBytes + 8 + statisticBytes + weights)));
        Span<byte> rest = content.Span;
        seed.CopyTo(rest);
        rest = rest[WeightDerivation.SeedBytes..];
        BinaryPrimitives.WriteInt32LittleEndian(rest, statistics?.Count ?? -1);
        BinaryPrimitives.WriteInt32LittleEndian(rest[4..], imported is null ? 0 : 1);
        rest = rest[8..];
        foreach (NormStatistics one in statistics ?? [])
        {
            rest = Put(one.Mean, Put(one.Variance, rest));
        }

        foreach (EncoderTensor tensor in imported?.Architecture.Tensors() ?? [])
        {
            ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes<float>(imported![tensor.Name]);
            bytes.CopyTo(rest);
            rest = rest[bytes.Length..];
        }

        return content;
    }

    /// <summary>Takes the parts apart.</summary>
    /// <exception cref="DataFormatException">The lengths do not fit the architecture.</exception>
    internal static (SecretBytes Seed, IReadOnlyList<NormStatistics>? Statistics, EncoderWeights? Imported) Read(SecretBytes content, EncoderArchitecture architecture, string name)
    {
        int norms = architecture.Kind == EncoderKind.Conv ? architecture.Depth : 0;
        int count = content.Length >= WeightDerivation.SeedBytes + 8 ? BinaryPrimitives.ReadInt32LittleEndian(content.Span[WeightDerivation.SeedBytes..]) : -2;
        bool hasWeights = count >= -1 && BinaryPrimitives.ReadInt32LittleEndian(content.Span[(WeightDerivation.SeedBytes + 4)..]) == 1;
        long expected = WeightDerivation.SeedBytes + 8 + (count > 0 ? 16L * count * architecture.Width : 0) + (hasWeights ? architecture.Tensors().Sum(t => 4L * t.Count) : 0);
        if (count < -1 || (count >= 0 && count != norms) || expected != content.Length)
        {
            throw new DataFormatException($"the content of the key file '{name}' does not fit its architecture.", "Take an unchanged copy of the file.");
        }

        SecretBytes seed = SecretBytes.CopyOf(content.Span[..WeightDerivation.SeedBytes]);
        ReadOnlySpan<byte> rest = content.Span[(WeightDerivation.SeedBytes + 8)..];
        var statistics = new List<NormStatistics>();
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<double> both = MemoryMarshal.Cast<byte, double>(rest[..(16 * architecture.Width)]);
            statistics.Add(new NormStatistics(both[architecture.Width..].ToArray(), both[..architecture.Width].ToArray()));
            rest = rest[(16 * architecture.Width)..];
        }

        EncoderWeights? imported = null;
        if (hasWeights)
        {
            var values = new Dictionary<string, float[]>();
            foreach (EncoderTensor tensor in architecture.Tensors())
            {
                values[tensor.Name] = MemoryMarshal.Cast<byte, float>(rest[..(4 * tensor.Count)]).ToArray();
                rest = rest[(4 * tensor.Count)..];
            }

            imported = new EncoderWeights(architecture, values);
        }

        return (seed, count < 0 ? null : statistics, imported);
    }

    private static Span<byte> Put(double[] values, Span<byte> destination)
    {
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes<double>(values);
        bytes.CopyTo(destination);
        return destination[bytes.Length..];
    }
}
