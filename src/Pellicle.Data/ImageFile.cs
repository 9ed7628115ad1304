using Pellicle.Core.Errors;
using Pellicle.Data.Images;
using Pellicle.Data.Sources;

namespace Pellicle.Data;

/// <summary>Reads a single picture file, outside any data set.</summary>
public static class ImageFile
{
    /// <summary>Extensions that folders are searched for, in lower case with the dot.</summary>
    public static IReadOnlyList<string> Extensions { get; } = [".png", ".jpg", ".jpeg", ".npy", ".dcm"];

    /// <summary>Reads and decodes a PNG, JPEG, NPY or DICOM file, recognised by its content.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="options">Limits on size; null takes the defaults.</param>
    /// <exception cref="DataFormatException">Missing, not readable, damaged, of another kind, or too large; names the file.</exception>
    public static RawImage Read(string path, DatasetOptions? options = null)
    {
        options ??= new DatasetOptions();
        return DiskImages.Read(path, path, options, new PixelScratch());
    }
}
