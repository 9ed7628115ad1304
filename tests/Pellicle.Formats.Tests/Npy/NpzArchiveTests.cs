using System.Text.Json;
using Pellicle.Core.Errors;
using Pellicle.Formats.Npy;
using Pellicle.Formats.Tests.Zip;

namespace Pellicle.Formats.Tests.Npy;

public sealed class NpzArchiveTests
{
    [Fact]
    public void Arrays_of_stored_and_compressed_archives_are_read_by_name()
    {
        foreach (bool isStored in new[] { true, false })
        {
            byte[] zip = ZipSamples.Make(isStored, ("train_images.npy", Npy([1, 2, 3, 4], [2, 2])), ("train_labels.npy", Npy([7], [1])), ("note.txt", [1]));
            using NpzArchive archive = NpzArchive.Open(ZipSamples.Source(zip));

            Assert.Equal(["train_images", "train_labels"], archive.Names);
            Assert.Equal([2L, 2L], archive.ReadHeader("train_images").Shape);
            Assert.Equal([1f, 2f, 3f, 4f], archive.Read("train_images").ToFloats());
            Assert.Contains("'val_images'", Assert.Throws<DataFormatException>(() => archive.Read("val_images")).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Archive_without_arrays_is_refused()
    {
        byte[] zip = ZipSamples.Make(true, ("note.txt", [1]));

        Assert.Contains("no .npy entry", Assert.Throws<DataFormatException>(() => NpzArchive.Open(ZipSamples.Source(zip))).Message, StringComparison.Ordinal);
    }

    [SharedFact("parity/neuracrypt/manifest.json")]
    public void Archives_of_numpy_have_the_types_and_shapes_of_their_manifest()
    {
        using JsonDocument manifest = JsonDocument.Parse(File.ReadAllText(SharedFiles.Locate("parity/neuracrypt/manifest.json")));
        int arrays = 0;
        foreach (JsonProperty file in manifest.RootElement.GetProperty("files").EnumerateObject().Where(p => p.Name.EndsWith(".npz", StringComparison.Ordinal)))
        {
            using NpzArchive archive = NpzArchive.Open(SharedFiles.Locate("parity/neuracrypt/" + file.Name));
            foreach (JsonProperty array in file.Value.GetProperty("arrays").EnumerateObject())
            {
                NpyArray read = archive.Read(array.Name);
                string type = read.Type switch
                {
                    NpyType.U1 => "uint8",
                    NpyType.F4 => "float32",
                    NpyType.F8 => "float64",
                    NpyType.I8 => "int64",
                    NpyType.I4 => "int32",
                    NpyType.B1 => "bool",
                    _ => read.Type.ToString(),
                };
                Assert.Equal(array.Value[0].GetString(), type);
                Assert.Equal(array.Value[1].EnumerateArray().Select(size => size.GetInt64()), read.Shape);
                read.RequireFinite();
                arrays++;
            }
        }

        Assert.True(arrays > 20);
    }

    private static byte[] Npy(float[] values, long[] shape)
    {
        using var stream = new MemoryStream();
        NpyFile.WriteTo(stream, NpyArray.From<float>(values, shape));
        return stream.ToArray();
    }
}
