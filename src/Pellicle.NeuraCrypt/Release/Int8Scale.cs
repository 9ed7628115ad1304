using Pellicle.Core.Files;
using Pellicle.Core.Random;
using Pellicle.Formats.Npy;
using Pellicle.NeuraCrypt.Keys;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Release;

/// <summary>One factor for each of the hidden numbers: an 8-bit value times its factor is the encoding. Half as much again as the largest of some pictures; values beyond are cut off.</summary>
/// <param name="Values">[hidden], above 0.</param>
internal sealed record Int8Scale(float[] Values)
{
    private const string FileName = "encodings/scale.npy";
    private const int SampleImages = 32;
    private const float Margin = 1.5f;

    /// <summary>The entry of the manifest.</summary>
    public EncodedShard File
    {
        get
        {
            using var stream = new MemoryStream();
            NpyFile.WriteTo(stream, Array);
            return new EncodedShard(FileName, FileHash.Of(stream.ToArray()), 0);
        }
    }

    private NpyArray Array => NpyArray.From<float>(Values, [Values.Length]);

    /// <summary>The scale of a release that goes on, or one from some of its pictures.</summary>
    public static Int8Scale Of(string publicFolder, EncodingPublisher publisher, ImageBatches images, IReadOnlyList<int> records, ISecureRandom random)
    {
        string path = Path.Combine(publicFolder, FileName);
        if (System.IO.File.Exists(path))
        {
            return new Int8Scale(NpyFile.Read(path).ToFloats());
        }

        using TensorScope scope = TensorScope.Open();
        int[] chosen = images.FirstReadable(PatchShuffle.Draw(records.Count, random).Select(i => records[i]), SampleImages);
        float[] encodings = publisher.Encode(images.Read(chosen), [.. chosen.Select(record => $"scale {record}")]).ToArray<float>();
        var largest = new float[publisher.Architecture.HiddenDim];
        for (int i = 0; i < encodings.Length; i++)
        {
            largest[i % largest.Length] = Math.Max(largest[i % largest.Length], Math.Abs(encodings[i]));
        }

        return new Int8Scale(System.Array.ConvertAll(largest, value => Math.Max(value, 1e-6f) * Margin / sbyte.MaxValue));
    }

    /// <summary>The scale of a release; null if it is not in eight bits.</summary>
    public static float[]? Read(string publicFolder, EncodedManifest manifest) => manifest.Scale is { } scale ? NpyFile.Read(Path.Combine(publicFolder, scale.File)).ToFloats() : null;

    /// <summary>Numbers of an encoding as they were before rounding, in place.</summary>
    /// <param name="published">As in the file.</param>
    /// <param name="scale">Null leaves them as they are.</param>
    public static float[] Restore(float[] published, float[]? scale)
    {
        for (int i = 0; scale is not null && i < published.Length; i++)
        {
            published[i] *= scale[i % scale.Length];
        }

        return published;
    }

    /// <summary>Writes the file.</summary>
    public void Save(string publicFolder)
    {
        string path = Path.Combine(publicFolder, FileName);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        NpyFile.Write(path, Array);
        System.IO.File.SetLastWriteTimeUtc(path, PublicTables.ConstantTime);
    }
}
