using Pellicle.Core.Errors;
using Pellicle.Data.Images;
using Pellicle.Formats.Npy;

namespace Pellicle.Data.Sources;

/// <summary>Opens a NumPy archive in the MedMNIST layout (train_images, train_labels, val_*, test_*), or one with images and labels alone.</summary>
internal static class NpzSource
{
    internal static ArraySource Open(string path, DatasetOptions options)
    {
        using var archive = NpzArchive.Open(path);
        var blocks = new List<ArrayBlock>();
        foreach ((string prefix, string? split) in new[] { ("train_", SplitName.Train), ("val_", SplitName.Validation), ("test_", (string?)SplitName.Test), ("", null) })
        {
            if (archive.Contains(prefix + "images") && (prefix.Length > 0 || blocks.Count == 0))
            {
                blocks.Add(Block(archive, prefix, split, options));
            }
        }

        return blocks.Count > 0
            ? new ArraySource(SourceKind.Npz, blocks, options)
            : throw new DataFormatException(
                $"'{path}' holds the arrays {string.Join(", ", archive.Names.Take(20))}; expected train_images, train_labels, val_images, … (MedMNIST) or images and labels",
                "Save the arrays under these names with numpy.savez.");
    }

    private static ArrayBlock Block(NpzArchive archive, string prefix, string? split, DatasetOptions options)
    {
        string name = prefix + "images";
        NpyHeader header = archive.ReadHeader(name);
        long[] shape = header.Shape;
        if (shape.Length is not (3 or 4) || (shape.Length == 4 && shape[3] is not (1 or 3)))
        {
            throw new DataFormatException($"{archive.Name}: array '{name}' has the shape ({string.Join(", ", shape)}); expected (N, H, W) or (N, H, W, C) with C = 1 or 3", "Volumes and channel-first pictures are not read; rearrange the array.");
        }

        (int height, int width) = ArrayBlock.CheckSize($"{archive.Name}: array '{name}'", shape[1], shape[2], options);
        int channels = shape.Length == 4 ? (int)shape[3] : 1;
        NpyArray array = archive.Read(name);
        long[] labels = Labels(archive, prefix + "labels", array.Shape[0], name);
        if (array.Type is NpyType.U1)
        {
            return new ArrayBlock(name, split, height, width, channels, array.Bytes, default, labels);
        }

        return array.IsFloatingPoint
            ? new ArrayBlock(name, split, height, width, channels, default, NpyPicture.UnitFloats(array), labels)
            : throw new DataFormatException($"{array.Name} holds {array.Type} numbers; expected 8-bit pictures (uint8) or floats in 0..1", "Scale the values by a public constant, for example (array / 4095.0).astype('float32').");
    }

    private static long[] Labels(NpzArchive archive, string name, long images, string of)
    {
        NpyArray array = archive.Read(name);
        if (array.Shape.Count is not (1 or 2) || (array.Shape.Count == 2 && array.Shape[1] != 1))
        {
            throw new DataFormatException($"{array.Name} has the shape ({string.Join(", ", array.Shape)}); expected (N) or (N, 1): one class per picture", "Data with several labels per picture are not read; choose one of them.");
        }

        return array.Shape[0] == images
            ? array.ToInt64s()
            : throw new DataFormatException($"{array.Name} has {array.Shape[0]} labels, '{of}' has {images} pictures", "Save both arrays from the same data.");
    }
}
